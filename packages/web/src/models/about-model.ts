import { type Figures, useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import type { Text } from "../language/text.ts";
import type { PageModel } from "./queries.ts";

function aboutModel(model: PageModel, text: Text, figures: Figures): string {
  const parts: string[] = [];
  if (model.parameters) parts.push(figures.short(model.parameters));
  if (model.quantization) parts.push(model.quantization);
  if (model.sizeBytes) parts.push(figures.bytes(model.sizeBytes));
  if (model.contextLength) parts.push(text.chat.tokens(figures.short(model.contextLength)));
  if (model.price) {
    parts.push(
      `${text.operate.price}: ${text.operate.priceOf(figures.price(model.price.input), figures.price(model.price.output))}`,
    );
  }
  const places = new Set(
    model.backends.flatMap((backend) =>
      backend.regions.length > 0 ? backend.regions : backend.own ? [text.operate.thisServer] : [],
    ),
  );
  if (places.size > 0) parts.push([...places].join(", "));
  const hardware = new Set(model.backends.flatMap((backend) => (backend.hardware ? [backend.hardware.toUpperCase()] : [])));
  if (hardware.size > 0) parts.push([...hardware].join(", "));
  return parts.join(" · ");
}

/** What a model is, in a line: size, context, price, where it runs and on what. Only what is known. */
export function AboutModel({ model }: { model: PageModel }): string {
  return aboutModel(model, useText(), useFigures());
}

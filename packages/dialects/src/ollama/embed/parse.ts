import type { EmbeddingRequest } from "@arriero/spec";
import { Fields, refusal, stringAt } from "../../fields.ts";
import type { ParseContext } from "../context.ts";
import { type KeepAlive, parseKeepAlive } from "../keep-alive.ts";
import { parseRequiredModel } from "../model-name.ts";

const MAX_INPUTS = 2048;
const MAX_DIMENSIONS = 65_536;

export interface ParsedEmbed {
  readonly model: string;
  /** null: there is nothing to embed, the model is only to be loaded. */
  readonly request: EmbeddingRequest | null;
  /** Leading components to keep; null: all. */
  readonly dimensions: number | null;
  readonly keepAlive: KeepAlive;
}

/** POST /api/embed: `input` is a text or an array of texts. Adapters have no part in it: the name is taken whole. */
export function parseEmbed(body: unknown, context: Pick<ParseContext, "id">): ParsedEmbed {
  const fields = Fields.body(body);
  const { written } = parseRequiredModel(fields);
  const inputs = parseInputs(fields);
  // Read for its type alone: a text that is too long is refused rather than cut where nobody sees it.
  fields.boolean("truncate");
  return {
    model: written,
    request: inputs.length === 0 ? null : { id: context.id, model: written, inputs, normalize: true },
    dimensions: fields.integer("dimensions", { min: 0, max: MAX_DIMENSIONS }) || null,
    keepAlive: parseKeepAlive(fields),
  };
}

/** POST /api/embeddings, the older form: one `prompt`, and the vector as the model made it. */
export function parseLegacyEmbed(body: unknown, context: Pick<ParseContext, "id">): ParsedEmbed {
  const fields = Fields.body(body);
  const { written } = parseRequiredModel(fields);
  const prompt = fields.string("prompt") ?? "";
  return {
    model: written,
    request: prompt === "" ? null : { id: context.id, model: written, inputs: [prompt], normalize: false },
    dimensions: null,
    keepAlive: parseKeepAlive(fields),
  };
}

function parseInputs(fields: Fields): string[] {
  const value = fields.raw("input");
  if (value === undefined || value === "") return [];
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) throw refusal(fields.at("input"), "a string or an array of strings", value);
  return (fields.list("input", MAX_INPUTS) ?? []).map((each, i) => stringAt(each, `${fields.at("input")}[${i}]`));
}

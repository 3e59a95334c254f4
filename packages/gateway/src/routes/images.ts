import { openai, xinference } from "@arriero/dialects";
import { ArrieroError } from "@arriero/spec";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import type { ModelCatalogue } from "../models/known-models.ts";
import { mayUse } from "../models/visible-models.ts";
import { withoutAdapter } from "../models/without-adapter.ts";

export interface ImageServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
}

/** Images, as OpenAI's clients and Xinference's ask for them. Where no model makes any, the route says so: a 404 would read as a wrong address. */
export function imageRoutes({ inference, models }: ImageServices): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/images/generations",
      access: "caller",
      inference: true,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const body = await exchange.readJson();
        const visible = inference.imageModels().filter((name) => mayUse(exchange.scope, name, null));
        const [only, ...others] = visible;
        if (only === undefined) {
          throw new ArrieroError("unsupported", "This server has no model that makes images.", { param: "model" });
        }
        const request = openai.parseImages(body, { id: exchange.ids.generation });
        // Who names none means the one there is.
        const asked = request.model === "" && others.length === 0 ? only : request.model;
        const { model } = withoutAdapter(await chooseModel(exchange, models, { model: asked, adapter: null }));
        const result = await inference.images({ ...request, model }, exchange.signal, exchange.tally);
        exchange.sendJson(200, result.body);
      },
    },
  ];
}

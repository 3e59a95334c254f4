import { rerank, xinference } from "@arriero/dialects";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import type { ModelCatalogue } from "../models/known-models.ts";
import { withoutAdapter } from "../models/without-adapter.ts";

export interface RerankServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
}

/** Documents by relevance, as Jina, Cohere, vLLM and Xinference serve it. */
export function rerankRoutes({ inference, models }: RerankServices): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/v1/rerank",
      access: "caller",
      inference: true,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const { presentation, request } = rerank.parseRerank(await exchange.readJson(), { id: exchange.ids.generation });
        const { model } = withoutAdapter(await chooseModel(exchange, models, { model: request.model, adapter: null }));
        const result = await inference.rerank({ ...request, model }, exchange.signal, exchange.tally);
        exchange.sendJson(200, rerank.formatRerank(result, presentation));
      },
    },
  ];
}

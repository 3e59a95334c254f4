import { anthropic, SSE_HEADERS } from "@arriero/dialects";
import type { ArrieroError } from "@arriero/spec";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import type { ModelCatalogue } from "../models/known-models.ts";
import { settleInput, settleRequest } from "../models/settle-request.ts";

export interface AnthropicServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
}

/** The Anthropic API. Its list of models is the one of every dialect. */
export function anthropicRoutes({ inference, models }: AnthropicServices): readonly Route[] {
  const formatError = (error: ArrieroError, requestId: string) => anthropic.formatError(error, requestId);
  const context = (exchange: Exchange): anthropic.ParseContext => ({
    id: exchange.ids.generation,
    requestId: exchange.ids.request,
    client: exchange.client,
  });

  return [
    {
      method: "POST",
      path: "/v1/messages",
      access: "caller",
      inference: true,
      formatError,
      async handler(exchange) {
        const { presentation, request } = anthropic.parseMessage(await exchange.readJson(), context(exchange));
        const resolved = await chooseModel(exchange, models, request);
        const events = inference.generate(settleRequest(request, resolved), exchange.signal, exchange.tally);
        if (presentation.stream) await exchange.sendFrames(anthropic.streamMessage(events, presentation), SSE_HEADERS);
        else exchange.sendJson(200, await anthropic.collectMessage(events, presentation));
      },
    },
    {
      method: "POST",
      path: "/v1/messages/count_tokens",
      access: "caller",
      inference: true,
      formatError,
      async handler(exchange) {
        const asked = anthropic.parseTokenCount(await exchange.readJson());
        const { known, model } = await chooseModel(exchange, models, asked);
        const input = settleInput(asked.input, known);
        const { tokens } = await inference.tokenize({ model, input, wantTexts: false }, exchange.signal, exchange.tally);
        exchange.sendJson(200, anthropic.formatTokenCount(tokens.length));
      },
    },
  ];
}

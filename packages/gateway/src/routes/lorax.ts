import { lorax, SSE_HEADERS } from "@arriero/dialects";
import type { Replica } from "@arriero/fleet";
import { ArrieroError, type GenerationInput, type ReplicaStatus } from "@arriero/spec";
import type { GatewayLimits } from "../gateway-limits.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import { defaultModel, type ModelCatalogue } from "../models/known-models.ts";
import { settleRequest } from "../models/settle-request.ts";
import { VisibleModels } from "../models/visible-models.ts";
import type { FleetView } from "./fleet.ts";

export interface LoraxServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
  readonly fleet: FleetView;
  readonly version: string;
  readonly limits: Pick<GatewayLimits, "requests">;
  /** null when it does not answer. */
  askStatus(replica: Replica, signal: AbortSignal): Promise<ReplicaStatus | null>;
}

/** The API of LoRAX and text-generation-inference. Its requests name an adapter at most; the model is the server's default. */
export function loraxRoutes({ askStatus, fleet, inference, limits, models, version }: LoraxServices): readonly Route[] {
  const generate = async (exchange: Exchange, rule: lorax.StreamRule) => {
    const context = { id: exchange.ids.generation, client: exchange.client };
    const parsed = lorax.parseGenerate(await exchange.readJson(), context, rule);
    const resolved = await chooseModel(exchange, models, parsed.request);
    const settled = settleRequest(parsed.request, resolved, parsed.habits);
    const input = await truncate(settled.input, parsed.truncate, resolved.model, exchange);
    const { prefill, stream } = parsed.presentation;
    const answer: lorax.AnswerContext = {
      ...parsed.presentation,
      seed: settled.sampling.temperature === 0 ? null : settled.sampling.seed,
      maxTokens: settled.maxTokens,
      prefillTokens: prefill ? lorax.formatPrefill(await tokenize(input, resolved.model, exchange)) : [],
    };
    return { answer, events: inference.generate({ ...settled, input }, exchange.signal, exchange.tally), stream };
  };

  const tokenize = (input: GenerationInput, model: string, exchange: Exchange) =>
    inference.tokenize({ model, input, wantTexts: true }, exchange.signal, exchange.tally);

  const truncate = async (input: GenerationInput, most: number | null, model: string, exchange: Exchange) => {
    if (most === null) return input;
    const { tokens } = await tokenize(input, model, exchange);
    return tokens.length <= most ? input : { kind: "tokens" as const, tokens: tokens.slice(-most) };
  };

  const shared = { access: "caller", inference: true, formatError: lorax.formatError } as const;
  return [
    {
      ...shared,
      method: "POST",
      path: "/",
      async handler(exchange) {
        const { answer, events, stream } = await generate(exchange, "as-asked");
        if (stream) await exchange.sendFrames(lorax.streamGenerate(events, answer), SSE_HEADERS);
        // A list, as the hosted API that this route stands in for answers.
        else exchange.sendJson(200, [await lorax.collectGenerate(events, answer)]);
      },
    },
    {
      ...shared,
      method: "POST",
      path: "/generate",
      async handler(exchange) {
        const { answer, events } = await generate(exchange, "whole");
        exchange.sendJson(200, await lorax.collectGenerate(events, answer));
      },
    },
    {
      ...shared,
      method: "POST",
      path: "/generate_stream",
      async handler(exchange) {
        const { answer, events } = await generate(exchange, "stream");
        await exchange.sendFrames(lorax.streamGenerate(events, answer), SSE_HEADERS);
      },
    },
    {
      ...shared,
      method: "POST",
      path: "/tokenize",
      async handler(exchange) {
        const { request, text } = lorax.parseTokenize(await exchange.readJson());
        const { model } = await chooseModel(exchange, models, { model: "", adapter: null });
        exchange.sendJson(
          200,
          lorax.formatTokenize(text, await inference.tokenize({ ...request, model }, exchange.signal, exchange.tally)),
        );
      },
    },
    {
      ...shared,
      inference: false,
      method: "GET",
      path: "/info",
      async handler(exchange) {
        const known = await defaultModel(new VisibleModels(models, exchange.scope));
        if (known === null) throw new ArrieroError("model_not_found", "This server has no default among its models.");
        const { name } = known;
        const replica = fleet.list().find(({ model, state }) => model === name && state === "ready");
        const status = replica === undefined ? null : await askStatus(replica, exchange.signal);
        const info: lorax.ServedInfo = {
          model: name,
          adapters: Object.keys(known.adapters),
          quantization: status?.model?.quantization ?? null,
          contextTokens: status?.kvCells.total ?? null,
          requests: limits.requests,
          version,
        };
        exchange.sendJson(200, lorax.formatInfo(info));
      },
    },
  ];
}

import { openai, SSE_HEADERS, xinference } from "@arriero/dialects";
import type { AskedGeneration, GenerationEvent } from "@arriero/spec";
import { deliverFrames } from "../http/deliver-frames.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import type { ModelCatalogue } from "../models/known-models.ts";
import { settleRequest } from "../models/settle-request.ts";
import { withoutAdapter } from "../models/without-adapter.ts";
import type { EventSink } from "../upstream/upstream.ts";

export interface OpenAiServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
  readonly version: string;
}

async function deliverChat(
  presentation: openai.ChatPresentation,
  run: (sink: EventSink) => Promise<void>,
): Promise<openai.ChatCompletion> {
  const whole = new openai.WholeChat(presentation);
  await run((events) => {
    for (const event of events) whole.add(event);
    return undefined;
  });
  return whole.completion();
}

/** The OpenAI API. Parsing and formatting are the dialect's; here is only the order of things. */
export function openAiRoutes({ inference, models, version }: OpenAiServices): readonly Route[] {
  const context = (exchange: Exchange): openai.ParseContext => ({
    id: exchange.ids.generation,
    client: exchange.client,
    created: Math.floor(exchange.startedAt / 1000),
    fingerprint: `arriero-${version}`,
  });

  const generate = async (exchange: Exchange, asked: AskedGeneration): Promise<AsyncIterable<GenerationEvent>> => {
    const resolved = await chooseModel(exchange, models, asked);
    return inference.generate(settleRequest(asked, resolved), exchange.signal, exchange.tally);
  };

  return [
    {
      method: "POST",
      path: "/v1/chat/completions",
      access: "caller",
      inference: true,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const { presentation, request } = openai.parseChat(await exchange.readJson(), context(exchange));
        const settled = settleRequest(request, await chooseModel(exchange, models, request));
        // What has failed once already is watched.
        const whole = !presentation.stream && exchange.tally.attempts === 0;
        const run = (sink: EventSink) => inference.deliver(settled, exchange.signal, exchange.tally, sink, whole);
        if (presentation.stream) await deliverFrames(exchange, SSE_HEADERS, new openai.ChatFrames(presentation), run);
        else exchange.sendJson(200, await deliverChat(presentation, run));
      },
    },
    {
      method: "POST",
      path: "/v1/completions",
      access: "caller",
      inference: true,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const { presentation, requests } = openai.parseCompletion(await exchange.readJson(), context(exchange));
        const streams: AsyncIterable<GenerationEvent>[] = [];
        for (const request of requests) streams.push(await generate(exchange, request));
        if (presentation.stream) await exchange.sendFrames(openai.streamCompletion(streams, presentation), SSE_HEADERS);
        else exchange.sendJson(200, await openai.collectCompletion(streams, presentation));
      },
    },
    {
      method: "POST",
      path: "/v1/responses",
      access: "caller",
      inference: true,
      async handler(exchange) {
        const { presentation, request } = openai.parseResponse(await exchange.readJson(), context(exchange));
        const events = await generate(exchange, request);
        if (presentation.stream) await exchange.sendFrames(openai.streamResponse(events, presentation), SSE_HEADERS);
        else exchange.sendJson(200, await openai.collectResponse(events, presentation));
      },
    },
    {
      method: "POST",
      path: "/v1/embeddings",
      access: "caller",
      inference: true,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const { presentation, request } = openai.parseEmbeddings(await exchange.readJson(), context(exchange));
        const { model } = withoutAdapter(await chooseModel(exchange, models, { model: request.model, adapter: null }));
        const result = await inference.embed({ ...request, model }, exchange.signal, exchange.tally);
        exchange.sendJson(200, openai.formatEmbeddings(result, presentation));
      },
    },
  ];
}

import { openai } from "@arriero/dialects";
import { ArrieroError, type AskedGeneration, type GenerationEvent } from "@arriero/spec";
import type { Exchange } from "../http/exchange.ts";
import type { Inference } from "../inference.ts";
import { chooseModel } from "../models/choose-model.ts";
import type { ModelCatalogue } from "../models/known-models.ts";
import { settleRequest } from "../models/settle-request.ts";
import { withoutAdapter } from "../models/without-adapter.ts";

/** A request without a connection: as much of an exchange as answering it takes. */
export type Asking = Pick<Exchange, "account" | "client" | "ids" | "scope" | "signal" | "startedAt" | "tally">;

export interface WholeAnswerServices {
  readonly inference: Inference;
  readonly models: ModelCatalogue;
  readonly version: string;
}

/** Whole answers of OpenAI's routes for requests that nobody waits for: at class `batch`, and never as a stream. */
export class WholeAnswers {
  readonly #services: WholeAnswerServices;

  constructor(services: WholeAnswerServices) {
    this.#services = services;
  }

  /** The body that the route would answer with status 200. Throws as the route does. */
  async answer(endpoint: openai.BatchEndpoint, body: unknown, asking: Asking): Promise<unknown> {
    const context: openai.ParseContext = {
      id: asking.ids.generation,
      client: asking.client,
      created: Math.floor(asking.startedAt / 1000),
      fingerprint: `arriero-${this.#services.version}`,
    };
    switch (endpoint) {
      case "/v1/chat/completions": {
        const { presentation, request } = openai.parseChat(body, context);
        requireWhole(presentation);
        return openai.collectChat(await this.#generate(request, asking), presentation);
      }
      case "/v1/completions": {
        const { presentation, requests } = openai.parseCompletion(body, context);
        requireWhole(presentation);
        const streams: AsyncIterable<GenerationEvent>[] = [];
        for (const request of requests) streams.push(await this.#generate(request, asking));
        return openai.collectCompletion(streams, presentation);
      }
      case "/v1/responses": {
        const { presentation, request } = openai.parseResponse(body, context);
        requireWhole(presentation);
        return openai.collectResponse(await this.#generate(request, asking), presentation);
      }
      case "/v1/embeddings": {
        const { presentation, request } = openai.parseEmbeddings(body, context);
        const { inference, models } = this.#services;
        const { model } = withoutAdapter(await chooseModel(asking, models, { model: request.model, adapter: null }));
        const result = await inference.embed({ ...request, model }, asking.signal, asking.tally, "batch");
        return openai.formatEmbeddings(result, presentation);
      }
      default:
        return endpoint satisfies never;
    }
  }

  async #generate(asked: AskedGeneration, asking: Asking): Promise<AsyncIterable<GenerationEvent>> {
    const { inference, models } = this.#services;
    const resolved = await chooseModel(asking, models, asked);
    const request = { ...settleRequest(asked, resolved), priority: "batch" as const };
    return inference.generate(request, asking.signal, asking.tally);
  }
}

function requireWhole({ stream }: { readonly stream: boolean }): void {
  if (stream) throw new ArrieroError("invalid_request", "A line of a batch cannot be answered as a stream.", { param: "stream" });
}

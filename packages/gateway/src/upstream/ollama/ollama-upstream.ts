import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
} from "@arriero/spec";
import { Backend, type BackendOptions, type BackendServices } from "../backend/backend.ts";
import { embeddingResult } from "../backend/embeddings.ts";
import { countOf, objectOf } from "../backend/json-object.ts";
import type { Upstream, UpstreamCapabilities } from "../upstream.ts";
import { OllamaAnswer } from "./answer.ts";
import { ollamaCall } from "./request-body.ts";

/** An Ollama server. Its `url` is its root: `http://127.0.0.1:11434`. */
export class OllamaUpstream implements Upstream {
  readonly id: string;
  readonly capabilities: UpstreamCapabilities = { exactResume: false, assistantPrefill: true, honoursSeed: true };
  readonly #services: BackendServices;
  readonly #backend: Backend;

  constructor(services: BackendServices, options: BackendOptions) {
    this.id = options.id;
    this.#services = services;
    this.#backend = new Backend(services, options);
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    const { body, path } = ollamaCall(request, this.#backend.modelName(request.model, request.adapter));
    const answer = new OllamaAnswer(request, this.#services.clock);
    yield* this.#backend.stream(path, body, /^application\/(x-)?(ndjson|json)\b/i, answer, signal);
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    if (request.inputs.some((input) => typeof input !== "string")) {
      throw new ArrieroError("unsupported", "The backend of this model embeds texts, not token ids.");
    }
    const model = this.#backend.modelName(request.model, null);
    const answer = objectOf(await this.#backend.ask("/api/embed", { model, input: request.inputs }, signal));
    const vectors = Array.isArray(answer.embeddings) ? answer.embeddings : [];
    return embeddingResult(request, vectors, countOf(answer.prompt_eval_count));
  }
}

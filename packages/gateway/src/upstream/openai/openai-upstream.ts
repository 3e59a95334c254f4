import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  GenerationRequest,
  ImageRequest,
  ImageResult,
} from "@arriero/spec";
import { Backend, type BackendOptions, type BackendServices } from "../backend/backend.ts";
import type { AnswerListener } from "../backend/one-answer.ts";
import type { EventSink, Upstream, UpstreamCapabilities } from "../upstream.ts";
import { OpenAiAnswer } from "./answer.ts";
import { readEmbeddings } from "./embeddings.ts";
import { imageResult } from "./images.ts";
import { type OpenAiHabits, openAiCall } from "./request-body.ts";
import { OpenAiWholeAnswer } from "./whole-answer.ts";

const JSON_TYPE = /^application\/json\b/i;
const EVENT_STREAM = /^text\/event-stream\b/i;

export interface OpenAiOptions extends BackendOptions, OpenAiHabits {
  readonly honoursSeed: boolean;
}

/** Any server of the OpenAI dialect: vLLM, SGLang, TGI, LoRAX, llama-server, Xinference, Groq and their like. */
export class OpenAiUpstream implements Upstream {
  readonly id: string;
  readonly capabilities: UpstreamCapabilities;
  readonly #services: BackendServices;
  readonly #options: OpenAiOptions;
  readonly #backend: Backend;

  constructor(services: BackendServices, options: OpenAiOptions) {
    this.id = options.id;
    this.capabilities = {
      exactResume: false,
      assistantPrefill: options.prefill !== "none",
      honoursSeed: options.honoursSeed,
    };
    this.#services = services;
    this.#options = options;
    this.#backend = new Backend(services, options);
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    const { body, path } = openAiCall(request, this.#backend.modelName(request.model, request.adapter), this.#options);
    const answer = new OpenAiAnswer(request, this.#services.clock);
    yield* this.#backend.stream(path, body, EVENT_STREAM, answer, signal);
  }

  async relay(request: GenerationRequest, signal: AbortSignal, sink: EventSink, wholeMs: number): Promise<void> {
    const whole = wholeMs > 0;
    const { body, path } = openAiCall(request, this.#backend.modelName(request.model, request.adapter), this.#options, whole);
    const { clock } = this.#services;
    if (whole) await this.#backend.relay(path, body, JSON_TYPE, new OpenAiWholeAnswer(request, clock), signal, sink, wholeMs);
    else await this.#backend.relay(path, body, EVENT_STREAM, new OpenAiAnswer(request, clock), signal, sink);
  }

  /** `askChatAtOnce` may be used: nothing has to be read before a request. */
  get isAtHand(): boolean {
    return this.#backend.isAtHand;
  }

  /** @param asked as `openAiCall` gives it; the model's name and a seed are filled in. Else as `Backend.askAtOnce`. */
  askChatAtOnce(asked: Readonly<Record<string, unknown>>, seed: number, withinMs: number, listener: AnswerListener): () => void {
    const body = { ...asked, model: this.#backend.modelName("", null), seed };
    return this.#backend.askAtOnce("/chat/completions", body, withinMs, listener);
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    const model = this.#backend.modelName(request.model, null);
    const asked = { model, input: request.inputs, encoding_format: "float" };
    return readEmbeddings(request, await this.#backend.ask("/embeddings", asked, signal));
  }

  async images({ body, model }: ImageRequest, signal: AbortSignal): Promise<ImageResult> {
    const named = { ...body, model: this.#backend.modelName(model, null) };
    return imageResult(await this.#backend.ask("/images/generations", named, signal));
  }
}

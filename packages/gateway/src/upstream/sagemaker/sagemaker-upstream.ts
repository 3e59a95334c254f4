import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
} from "@arriero/spec";
import type { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { traceHeaders } from "../../tracing/outgoing-trace.ts";
import { awsCredentialChain } from "../backend/aws-credentials.ts";
import type { BackendServices } from "../backend/backend.ts";
import { broken, malformed } from "../backend/backend-faults.ts";
import {
  type AnswerReader,
  boundedAnswer,
  boundedStream,
  type ExchangeLimits,
  type OpenAnswer,
} from "../backend/bounded-exchange.ts";
import { OpenAiAnswer } from "../openai/answer.ts";
import { readEmbeddings } from "../openai/embeddings.ts";
import { openAiCall } from "../openai/request-body.ts";
import type { Upstream, UpstreamCapabilities } from "../upstream.ts";
import { sageMakerFault } from "./sagemaker-fault.ts";
import { TgiAnswer } from "./tgi-answer.ts";
import { tgiBody } from "./tgi-body.ts";

/** What the endpoint's container speaks: OpenAI's bodies (vLLM, LMI, SGLang), or TGI's own. */
export type SageMakerContainer = "openai" | "tgi";

export interface SageMakerOptions {
  readonly id: string;
  readonly container: SageMakerContainer;
  /** `ENDPOINT`, or `ENDPOINT/COMPONENT` for one of an endpoint's inference components. */
  readonly model: string;
  readonly location: string;
  /** null: AWS's own address in that region. */
  readonly url: string | null;
  readonly prefill: boolean;
  readonly honoursSeed: boolean;
  readonly limits: ExchangeLimits;
}

/** A model on a SageMaker endpoint, whatever it was trained on: asked through AWS's client, signed by its credential chain. */
export class SageMakerUpstream implements Upstream {
  readonly id: string;
  readonly capabilities: UpstreamCapabilities;
  readonly #services: BackendServices;
  readonly #options: SageMakerOptions;
  #client: Promise<SageMakerRuntimeClient> | null = null;

  constructor(services: BackendServices, options: SageMakerOptions) {
    this.id = options.id;
    this.capabilities = { exactResume: false, assistantPrefill: options.prefill, honoursSeed: options.honoursSeed };
    this.#services = services;
    this.#options = options;
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    const { adapter, model } = request;
    if (adapter !== null) throw broken("backend_misconfigured", `The backend ${this.id} has no name for ${model}+${adapter}.`);
    const body = JSON.stringify(this.#body(request));
    const open = async (within: AbortSignal): Promise<OpenAnswer<Uint8Array>> => {
      const own = new AbortController();
      const parts = await this.#stream(body, AbortSignal.any([within, own.signal]));
      return { chunks: parts, close: () => own.abort() };
    };
    yield* boundedStream(this.#bounds, open, this.#reader(request), signal);
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    if (this.#options.container !== "openai") throw new ArrieroError("unsupported", "The backend of this model embeds nothing.");
    const body = JSON.stringify({ model: this.#options.model, input: request.inputs, encoding_format: "float" });
    return boundedAnswer(this.#bounds, async (within) => readEmbeddings(request, await this.#ask(body, within)), signal);
  }

  get #bounds() {
    return { clock: this.#services.clock, limits: this.#options.limits };
  }

  #body(request: GenerationRequest): unknown {
    const { container, model, prefill } = this.#options;
    if (container === "tgi") return tgiBody(request);
    const habits = { prefill: prefill ? "continue-flag" : "none", extendedSampling: prefill, runningUsage: false } as const;
    return openAiCall(request, model, habits).body;
  }

  #reader(request: GenerationRequest): AnswerReader<GenerationEvent> {
    const { clock } = this.#services;
    return this.#options.container === "tgi" ? new TgiAnswer(request, clock) : new OpenAiAnswer(request, clock);
  }

  /** The bytes of the container's answer. */
  async #stream(body: string, abortSignal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { InvokeEndpointWithResponseStreamCommand } = await import("@aws-sdk/client-sagemaker-runtime");
    const command = new InvokeEndpointWithResponseStreamCommand({ ...this.#target(body), Accept: "text/event-stream" });
    const { Body } = await this.#send((client) => client.send(command, { abortSignal }), abortSignal);
    if (Body === undefined) throw malformed("an answer without a body");
    return this.#bytes(Body, abortSignal);
  }

  async *#bytes(
    parts: AsyncIterable<{ readonly PayloadPart?: { readonly Bytes?: Uint8Array | undefined } | undefined }>,
    abortSignal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const { responseBytes } = this.#options.limits;
    let bytes = 0;
    try {
      for await (const { PayloadPart } of parts) {
        const chunk = PayloadPart?.Bytes;
        if (chunk === undefined) continue;
        bytes += chunk.length;
        if (bytes > responseBytes) throw malformed(`more than ${responseBytes} bytes`);
        yield chunk;
      }
    } catch (thrown) {
      throw abortSignal.aborted ? thrown : sageMakerFault(thrown, this.#services.clock.now());
    }
  }

  async #ask(body: string, abortSignal: AbortSignal): Promise<unknown> {
    const { InvokeEndpointCommand } = await import("@aws-sdk/client-sagemaker-runtime");
    const command = new InvokeEndpointCommand({ ...this.#target(body), Accept: "application/json" });
    const { Body } = await this.#send((client) => client.send(command, { abortSignal }), abortSignal);
    try {
      return JSON.parse(Buffer.from(Body ?? []).toString("utf8"));
    } catch {
      throw malformed("an answer that is not JSON");
    }
  }

  async #send<Answer>(send: (client: SageMakerRuntimeClient) => Promise<Answer>, abortSignal: AbortSignal): Promise<Answer> {
    this.#client ??= this.#connect();
    try {
      return await send(await this.#client);
    } catch (thrown) {
      throw abortSignal.aborted ? thrown : sageMakerFault(thrown, this.#services.clock.now());
    }
  }

  #target(body: string) {
    const [EndpointName = "", InferenceComponentName] = this.#options.model.split("/");
    return {
      EndpointName,
      ...(InferenceComponentName === undefined ? {} : { InferenceComponentName }),
      Body: Buffer.from(body),
      ContentType: "application/json",
    };
  }

  async #connect(): Promise<SageMakerRuntimeClient> {
    const { SageMakerRuntimeClient } = await import("@aws-sdk/client-sagemaker-runtime");
    const { location, url } = this.#options;
    const client = new SageMakerRuntimeClient({
      region: location,
      // Named, since a variable of the environment could name another.
      endpoint: url ?? `https://runtime.sagemaker.${location}.amazonaws.com`,
      credentials: awsCredentialChain(),
      // Whether to try again is decided where other backends are known.
      maxAttempts: 1,
    });
    client.middlewareStack.add(
      (next) => (args) => {
        const trace = traceHeaders();
        if (trace !== null) Object.assign((args.request as { readonly headers: Record<string, string> }).headers, trace);
        return next(args);
      },
      // Behind the signature, which then need not cover what proxies may write anew.
      { step: "deserialize", name: "traceHeaders" },
    );
    return client;
  }
}

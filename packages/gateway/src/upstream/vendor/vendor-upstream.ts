import type { LanguageModelV3StreamPart, SharedV3ProviderOptions } from "@ai-sdk/provider";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
} from "@arriero/spec";
import { type AwsCredentials, awsCredentialChain } from "../backend/aws-credentials.ts";
import type { BackendServices } from "../backend/backend.ts";
import { broken } from "../backend/backend-faults.ts";
import { boundedAnswer, boundedStream, type ExchangeLimits, type OpenAnswer } from "../backend/bounded-exchange.ts";
import type { CredentialRef } from "../backend/credential.ts";
import type { Upstream, UpstreamCapabilities } from "../upstream.ts";
import { callOptions } from "./call-options.ts";
import { embedAll } from "./embed-all.ts";
import { loadRecipe } from "./recipes.ts";
import { VendorAnswer } from "./vendor-answer.ts";
import { vendorFault } from "./vendor-fault.ts";
import { vendorFetch } from "./vendor-fetch.ts";
import type { SdkVendor, VendorModels, VendorPlace, VendorRecipe, VendorSecret } from "./vendor-recipe.ts";
import { resolveSecret } from "./vendor-secret.ts";

export interface VendorOptions {
  readonly id: string;
  readonly vendor: SdkVendor;
  /** Root of its API; null: the vendor's own. */
  readonly url: string | null;
  readonly place: VendorPlace;
  readonly credential: CredentialRef | "aws" | null;
  /** Whether it goes on behind the beginning of an answer. */
  readonly prefill: boolean;
  readonly honoursSeed: boolean;
  readonly limits: ExchangeLimits;
}

/** A cloud that has a protocol of its own, spoken by its package of the AI SDK. */
export class VendorUpstream implements Upstream {
  readonly id: string;
  readonly capabilities: UpstreamCapabilities;
  readonly #services: BackendServices;
  readonly #options: VendorOptions;
  readonly #chain = awsCredentialChain();
  /** Sent to the vendor: nothing that it says may repeat them. */
  readonly #secrets = new Set<string>();
  #opened: { readonly key: string | null; readonly models: VendorModels } | null = null;

  constructor(services: BackendServices, options: VendorOptions) {
    this.id = options.id;
    this.capabilities = { exactResume: false, assistantPrefill: options.prefill, honoursSeed: options.honoursSeed };
    this.#services = services;
    this.#options = options;
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    this.#refuseAdapter(request);
    const call = callOptions(request, this.#options.honoursSeed);
    const open = (within: AbortSignal): Promise<OpenAnswer<LanguageModelV3StreamPart>> =>
      this.#guarded(within, async (recipe, models) => {
        const own = new AbortController();
        const abortSignal = AbortSignal.any([within, own.signal]);
        const providerOptions: SharedV3ProviderOptions = recipe.options(request);
        const { stream } = await models.language().doStream({ ...call, providerOptions, abortSignal });
        return { chunks: this.#parts(stream, within), close: () => own.abort() };
      });
    const answer = new VendorAnswer(request, this.#services.clock, (error, streaming) => this.#fault(error, streaming));
    yield* boundedStream(this.#bounds, open, answer, signal);
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    const ask = (within: AbortSignal): Promise<EmbeddingResult> =>
      this.#guarded(within, (_recipe, { embedding }) => {
        if (embedding === null) throw new ArrieroError("unsupported", "The backend of this model embeds nothing.");
        return embedAll(embedding(), request, within);
      });
    return boundedAnswer(this.#bounds, ask, signal);
  }

  get #bounds() {
    return { clock: this.#services.clock, limits: this.#options.limits };
  }

  /** Runs with the vendor's models; what packages throw becomes a fault of ours, and no wait outlives the signal. */
  async #guarded<T>(within: AbortSignal, run: (recipe: VendorRecipe, models: VendorModels) => Promise<T>): Promise<T> {
    const running = (async () => {
      const recipe = await loadRecipe(this.#options.vendor);
      return run(recipe, await this.#models(recipe));
    })();
    try {
      return await untilAborted(running, within);
    } catch (thrown) {
      throw within.aborted ? thrown : this.#fault(thrown, false);
    }
  }

  async *#parts(
    stream: ReadableStream<LanguageModelV3StreamPart>,
    within: AbortSignal,
  ): AsyncGenerator<LanguageModelV3StreamPart, void, void> {
    try {
      yield* stream;
    } catch (thrown) {
      throw within.aborted ? thrown : this.#fault(thrown, true);
    }
  }

  #fault(thrown: unknown, streaming: boolean): Error {
    return vendorFault(thrown, { streaming, secrets: this.#secrets, now: this.#services.clock.now() });
  }

  /** Opened once for each secret, so that what a package has learnt of it (an access token) is kept. */
  async #models(recipe: VendorRecipe): Promise<VendorModels> {
    const { credential, place, url, vendor } = this.#options;
    const secret: VendorSecret =
      credential === "aws" ? { kind: "aws", credentials: () => this.#signing() } : await resolveSecret(vendor, credential);
    const key = secret.kind === "key" ? secret.key : null;
    if (this.#opened !== null && this.#opened.key === key) return this.#opened.models;
    this.#secrets.clear();
    if (key !== null) this.#secrets.add(key);
    const base = url ?? recipe.base(place);
    const fetch = vendorFetch({
      pools: this.#services.pools,
      origin: new URL(base).origin,
      responseBytes: this.#options.limits.responseBytes,
      onSecret: (sent) => this.#remember(sent),
    });
    const models = recipe.open({ base: base.replace(/\/+$/, ""), place, secret, fetch });
    this.#opened = { key, models };
    return models;
  }

  async #signing(): Promise<AwsCredentials> {
    const credentials = await this.#chain();
    this.#remember(credentials.secretAccessKey);
    return credentials;
  }

  /** Signatures and renewed tokens come anew again and again: the last ones are enough. */
  #remember(secret: string): void {
    this.#secrets.delete(secret);
    this.#secrets.add(secret);
    for (const oldest of this.#secrets) {
      if (this.#secrets.size <= MOST_SECRETS) break;
      if (oldest !== this.#opened?.key) this.#secrets.delete(oldest);
    }
  }

  #refuseAdapter({ adapter, model }: GenerationRequest): void {
    if (adapter !== null) throw broken("backend_misconfigured", `The backend ${this.id} has no name for ${model}+${adapter}.`);
  }
}

const MOST_SECRETS = 16;

/** The promise, or the signal's reason as soon as it aborts; what the promise comes to then is nobody's concern. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  let leave: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

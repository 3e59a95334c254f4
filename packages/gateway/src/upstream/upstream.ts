import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  GenerationRequest,
  ImageRequest,
  ImageResult,
} from "@arriero/spec";

/** What may be relied on when an answer that broke off is to be continued here. */
export interface UpstreamCapabilities {
  /** Events carry token ids, and `resume` goes on behind them with the tokens that would have come. */
  readonly exactResume: boolean;
  /** A chat's `prefill` is gone on with, neither answered nor said again. */
  readonly assistantPrefill: boolean;
  /** The same request with the same seed is answered with the same text, at any temperature. */
  readonly honoursSeed: boolean;
}

/** Takes events in their order. A promise: no more are to be given before it resolves; rejects where nobody wants them. */
export type EventSink = (events: readonly GenerationEvent[]) => Promise<void> | undefined;

/**
 * @param wholeMs the answer may be asked for in one piece, and be waited for so long; 0: it is watched as it comes. A hint:
 * an upstream that knows no pieces streams.
 */
export type Relay = (request: GenerationRequest, signal: AbortSignal, sink: EventSink, wholeMs: number) => Promise<void>;

/**
 * Whoever can run a request: a replica of ours or another engine's server. `testing/upstream-contract.ts` holds every
 * implementation to this:
 *
 * - `generate` yields the events of one generation in the order GenerationEvent states, up to `usage` or `error`; it
 *   never ends before that without throwing. Leaving the iteration early cancels the request.
 * - Either all output events come with token ids (`exactResume`) or none does: then `tokens` is empty on every event, and
 *   each text is whole characters. `start` may say 0 prompt tokens where only `usage` knows them.
 * - Thrown are: the signal's reason when aborted, UpstreamBroken where another upstream may succeed, and an ArrieroError
 *   where none would, or where this one refuses for now (queue_full, rate_limited).
 */
export interface Upstream {
  /** The same for the same server, as long as it runs: what was learnt of it is kept under this name. */
  readonly id: string;
  readonly capabilities: UpstreamCapabilities;
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void>;
  /**
   * The same events, given as they come and all that one read brought together: for upstreams where an event is too small
   * to be waited for by itself. Resolves after the last one; what the sink throws or rejects with ends it.
   */
  readonly relay?: Relay | undefined;
  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult>;
  /** Only where it can. Throws as `generate` does. */
  images?(request: ImageRequest, signal: AbortSignal): Promise<ImageResult>;
}

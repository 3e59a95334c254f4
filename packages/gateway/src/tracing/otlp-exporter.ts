import type { Clock } from "@arriero/fleet";
import { otlpTraces } from "./otlp-json.ts";
import type { Attributes, Span } from "./span.ts";

/** Spans that wait at most; of more, the new ones are dropped: a collector that is away must cost nothing. */
const MOST_WAITING = 4_096;
const BATCH = 512;
const EVERY_MS = 2_000;
/** The collector may take this long for one batch. */
const EXPORT_MS = 10_000;
/** On close, for all that waits. */
const CLOSE_MS = 5_000;

export interface OtlpExporterOptions {
  /** Where traces are posted, path included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Attributes;
  readonly version: string;
  readonly clock: Clock;
  /** Said once for each time that the collector stops taking spans. */
  onFailure(message: string): void;
}

/** Sends spans to a collector in batches, beside the requests. What it does not take is dropped, not tried again. */
export class OtlpExporter {
  readonly #options: OtlpExporterOptions;
  #waiting: Span[] = [];
  #cancelTimer: (() => void) | null = null;
  #sending: Promise<void> | null = null;
  #failing = false;
  readonly #leave = new AbortController();

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
  }

  add(span: Span): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH) this.#flush();
    else this.#cancelTimer ??= this.#options.clock.after(EVERY_MS, () => this.#flush());
  }

  /** Sends what waits, as long as the collector takes it and the time allows. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(CLOSE_MS, () => {
        this.#waiting = [];
        this.#leave.abort();
        resolve();
      });
    });
    await Promise.race([this.#sendAll(), late]);
    cancel();
    this.#cancelTimer?.();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 || this.#sending !== null) {
      this.#flush();
      await this.#sending;
      if (this.#failing) this.#waiting = [];
    }
  }

  #flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#sending !== null || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, BATCH);
    this.#sending = this.#send(batch).finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#cancelTimer ??= this.#options.clock.after(EVERY_MS, () => this.#flush());
    });
  }

  async #send(batch: readonly Span[]): Promise<void> {
    const { headers, onFailure, resource, url, version } = this.#options;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(otlpTraces(batch, resource, version)),
        signal: AbortSignal.any([AbortSignal.timeout(EXPORT_MS), this.#leave.signal]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the collector answered ${response.status}`);
      this.#failing = false;
    } catch (thrown) {
      if (!this.#failing) onFailure(thrown instanceof Error ? thrown.message : String(thrown));
      this.#failing = true;
    }
  }
}

import type { ServerResponse } from "node:http";
import { closingFrames, pieceFrame } from "./chat-bodies.ts";

interface Stream {
  readonly response: ServerResponse;
  readonly tokens: number;
  readonly includeUsage: boolean;
  readonly intervalMs: number;
  sent: number;
  /** On the clock of `performance.now()`. */
  dueAt: number;
}

/** How often what is due is sent: one timer for all streams, so that pacing costs next to nothing. */
const TICK_MS = 5;
const FRAMES = Array.from({ length: 9 }, (_, index) => pieceFrame(index + 9));
const OPENING = pieceFrame(0);

/** Streamed answers whose tokens come at their own even pace. */
export class PacedStreams {
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | null = null;

  add(
    response: ServerResponse,
    { includeUsage, intervalMs, tokens }: Pick<Stream, "includeUsage" | "intervalMs" | "tokens">,
  ): void {
    // Spread over the interval: models do not speak in step.
    const stream = { response, tokens, includeUsage, intervalMs, sent: 0, dueAt: performance.now() + Math.random() * intervalMs };
    this.#streams.add(stream);
    response.once("close", () => this.#remove(stream));
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const now = performance.now();
    for (const stream of this.#streams) {
      if (stream.dueAt > now) continue;
      stream.dueAt += stream.intervalMs;
      const frame = stream.sent === 0 ? OPENING : (FRAMES[stream.sent % FRAMES.length] ?? OPENING);
      stream.sent++;
      if (stream.sent < stream.tokens) stream.response.write(frame);
      else {
        stream.response.end(frame + closingFrames(stream.tokens, stream.includeUsage));
        this.#remove(stream);
      }
    }
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

import { ArrieroError } from "@arriero/spec";
import { type ChatUsage, streamChat } from "../client/chat-client.ts";
import type { Endpoint } from "../client/endpoint.ts";
import type { Screen } from "../terminal/screen.ts";
import { latency } from "../terminal/units.ts";
import { type ChatSession, chatCall, withoutOldestExchange } from "./chat-session.ts";
import { WordFlow } from "./word-flow.ts";

/** Old exchanges dropped at most for one answer, to make room in the context. */
const MOST_DROPPED = 256;

export interface AnswerTimings {
  /** From sending to the first text, in milliseconds; null when no text came. */
  readonly firstMs: number | null;
  readonly totalMs: number;
  readonly usage: ChatUsage | null;
}

export interface Answer {
  /** As it was sent: without the exchanges that no longer fitted. */
  readonly session: ChatSession;
  readonly text: string;
  readonly stopped: boolean;
  readonly timings: AnswerTimings;
}

export interface AnswerOptions {
  readonly endpoint: Endpoint;
  readonly session: ChatSession;
  readonly out: Screen;
  readonly err: Screen;
  readonly signal: AbortSignal;
  now(): number;
}

/** One answer, shown as it comes. An abort keeps what came; a context that is full loses its oldest exchanges and tries again. */
export async function answer(options: AnswerOptions): Promise<Answer> {
  let { session } = options;
  for (let dropped = 0; ; dropped++) {
    try {
      return await answerOnce({ ...options, session });
    } catch (thrown) {
      const full = thrown instanceof ArrieroError && thrown.code === "context_length_exceeded";
      const shorter = full && dropped < MOST_DROPPED ? withoutOldestExchange(session) : null;
      if (shorter === null) throw thrown;
      if (dropped === 0) options.err.write(options.err.palette.quiet("The context is full: the oldest turns are left out.\n"));
      session = shorter;
    }
  }
}

async function answerOnce({ endpoint, now, out, session, signal }: AnswerOptions): Promise<Answer> {
  const began = now();
  const words = new WordFlow(() => (out.isTTY ? Math.min(100, out.columns() - 1) : null));
  let firstMs: number | null = null;
  let text = "";
  let thinking = false;
  let usage: ChatUsage | null = null;
  let stopped = false;
  try {
    for await (const piece of streamChat(endpoint, chatCall(session), signal)) {
      if (piece.kind === "reasoning") {
        // Thoughts are for people who watch: a pipe gets the answer alone.
        if (out.isTTY) out.write(out.palette.quiet(piece.text));
        thinking = true;
      } else if (piece.kind === "text") {
        if (thinking && text === "" && out.isTTY) out.write("\n\n");
        firstMs ??= now() - began;
        text += piece.text;
        out.write(words.take(piece.text));
      } else if (piece.kind === "usage") usage = piece.usage;
    }
  } catch (thrown) {
    if (!signal.aborted) {
      out.write(words.end());
      if (text !== "") out.write("\n");
      throw thrown;
    }
    stopped = true;
  }
  out.write(words.end());
  if (text !== "" && !text.endsWith("\n")) out.write("\n");
  return { session, text, stopped, timings: { firstMs, totalMs: now() - began, usage } };
}

/** `--verbose`: one line under an answer. */
export function timingsLine({ firstMs, totalMs, usage }: AnswerTimings): string {
  const parts = [`first text after ${firstMs === null ? "-" : latency(firstMs)}`];
  if (usage !== null) {
    const decoding = (totalMs - (firstMs ?? 0)) / 1000;
    const speed =
      usage.completionTokens > 1 && decoding > 0 ? `, ${((usage.completionTokens - 1) / decoding).toFixed(1)} tokens/s` : "";
    parts.push(
      `${usage.promptTokens} prompt tokens (${usage.cachedTokens} cached)`,
      `${usage.completionTokens} tokens in ${latency(totalMs)}${speed}`,
    );
  }
  return parts.join(" · ");
}

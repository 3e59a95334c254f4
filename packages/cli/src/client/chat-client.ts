import { ArrieroError } from "@arriero/spec";
import { answeredError, call, type Endpoint } from "./endpoint.ts";
import { sseData } from "./sse.ts";

export interface ChatTurn {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** Body of POST /v1/chat/completions, less what `streamChat` sets. */
export interface ChatCall {
  readonly model: string;
  readonly messages: readonly ChatTurn[];
  readonly [parameter: string]: unknown;
}

export interface ChatUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

export type ChatPiece =
  | { readonly kind: "text" | "reasoning"; readonly text: string }
  | { readonly kind: "finish"; readonly reason: string }
  | { readonly kind: "usage"; readonly usage: ChatUsage };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const count = (value: unknown): number => (typeof value === "number" ? value : 0);

/** What one chunk of a streamed chat completion says. Throws the error a chunk may carry instead. */
export function chatPieces(data: string): ChatPiece[] {
  const chunk: unknown = JSON.parse(data);
  if (!isRecord(chunk)) return [];
  if (isRecord(chunk.error)) throw answeredError(500, data);
  const pieces: ChatPiece[] = [];
  const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined;
  if (isRecord(choice)) {
    const delta = isRecord(choice.delta) ? choice.delta : {};
    const thought = delta.reasoning_content ?? delta.reasoning;
    if (typeof thought === "string" && thought !== "") pieces.push({ kind: "reasoning", text: thought });
    if (typeof delta.content === "string" && delta.content !== "") pieces.push({ kind: "text", text: delta.content });
    if (typeof choice.finish_reason === "string") pieces.push({ kind: "finish", reason: choice.finish_reason });
  }
  if (isRecord(chunk.usage)) {
    const details = isRecord(chunk.usage.prompt_tokens_details) ? chunk.usage.prompt_tokens_details : {};
    const usage = {
      promptTokens: count(chunk.usage.prompt_tokens),
      cachedTokens: count(details.cached_tokens),
      completionTokens: count(chunk.usage.completion_tokens),
    };
    pieces.push({ kind: "usage", usage });
  }
  return pieces;
}

/**
 * Streams one chat completion. Aborting `signal` throws its reason. A stream that ends before `[DONE]` throws
 * replica_failed: a cut answer is never taken for a whole one.
 */
export async function* streamChat(endpoint: Endpoint, body: ChatCall, signal?: AbortSignal): AsyncGenerator<ChatPiece> {
  const response = await call(endpoint, "/v1/chat/completions", {
    method: "POST",
    body: { ...body, stream: true, stream_options: { include_usage: true } },
    signal,
  });
  if (response.body === null) throw new ArrieroError("replica_failed", "The server answered without a body.");
  try {
    for await (const data of sseData(response.body)) {
      if (data === "[DONE]") return;
      yield* chatPieces(data);
    }
  } catch (thrown) {
    if (signal?.aborted) throw signal.reason;
    if (thrown instanceof ArrieroError) throw thrown;
    throw new ArrieroError(
      "replica_failed",
      `The answer broke off: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      {
        cause: thrown,
      },
    );
  }
  throw new ArrieroError("replica_failed", "The answer broke off: the stream ended before [DONE].");
}

import { ArrieroError } from "@arriero/spec";
import { Agent, request } from "undici";
import type { Endpoint } from "../servers/server.ts";
import { eventData } from "./event-stream.ts";

/** What one streamed answer looked like from outside. Times are milliseconds on the clock of `performance.now()`. */
export interface TokenStream {
  readonly sentAt: number;
  /** When each piece of text arrived; the first one is the time to first token. */
  readonly arrivals: readonly number[];
  readonly text: string;
  /** As the server counts them; `arrivals.length` where the stream was cut before its usage line. */
  readonly tokens: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

export type Prompt =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "chat"; readonly messages: readonly { role: "user" | "assistant"; content: string }[] };

export interface StreamOptions {
  readonly maxTokens: number;
  /** Ends the stream early and without an error: what arrived so far is the result. */
  readonly until?: AbortSignal;
  readonly onToken?: (arrivals: readonly number[]) => void;
}

/** No answer of any scenario may take longer. */
export const ANSWER_TIMEOUT_MS = 600_000;

const agent = new Agent({ connections: 64, pipelining: 1, headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS });

/** The fields of a completion chunk that are read here; both kinds of route, and llama-server's and ours, agree on them. */
interface Chunk {
  readonly choices?: readonly { readonly text?: string | null; readonly delta?: { readonly content?: string | null } | null }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  } | null;
  readonly error?: { readonly message: string } | null;
}

/** One streamed answer of fixed length: greedy, no early end. Throws `upstream_timeout` or `internal` with what the server said. */
export async function streamTokens(endpoint: Endpoint, prompt: Prompt, options: StreamOptions): Promise<TokenStream> {
  const limit = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const signal = options.until === undefined ? limit : AbortSignal.any([limit, options.until]);
  const arrivals: number[] = [];
  let text = "";
  let usage: Chunk["usage"];
  const sentAt = performance.now();
  try {
    const answer = await request(`${endpoint.url}/v1/${prompt.kind === "chat" ? "chat/completions" : "completions"}`, {
      method: "POST",
      dispatcher: agent,
      signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: endpoint.model,
        ...(prompt.kind === "chat" ? { messages: prompt.messages } : { prompt: prompt.text }),
        max_tokens: options.maxTokens,
        temperature: 0,
        ignore_eos: true,
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    if (answer.statusCode !== 200) throw refused(endpoint, `${answer.statusCode} ${(await answer.body.text()).slice(0, 500)}`);
    for await (const data of eventData(answer.body)) {
      const chunk = JSON.parse(data) as Chunk;
      if (chunk.error) throw refused(endpoint, chunk.error.message);
      const piece = chunk.choices?.[0]?.text ?? chunk.choices?.[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
      if (piece === "") continue;
      arrivals.push(performance.now());
      text += piece;
      options.onToken?.(arrivals);
    }
  } catch (thrown) {
    if (limit.aborted)
      throw new ArrieroError("upstream_timeout", `${endpoint.name} did not finish an answer in ${ANSWER_TIMEOUT_MS / 1000} s`);
    if (options.until?.aborted !== true) throw thrown;
  }
  return {
    sentAt,
    arrivals,
    text,
    tokens: usage?.completion_tokens ?? arrivals.length,
    promptTokens: usage?.prompt_tokens ?? 0,
    cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
  };
}

/** Milliseconds from sending to the first text. Throws where there was none: a missing token must not count as a fast one. */
export function timeToFirstToken(stream: TokenStream): number {
  const first = stream.arrivals[0];
  if (first === undefined) throw new ArrieroError("internal", "an answer ended without a single token");
  return first - stream.sentAt;
}

function refused(endpoint: Endpoint, said: string): ArrieroError {
  return new ArrieroError("internal", `${endpoint.name} answered: ${said}`);
}

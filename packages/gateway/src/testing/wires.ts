import type { GenerationEvent, GenerationRequest } from "@arriero/spec";

export interface WireAnswer {
  readonly opening: string;
  /** A frame for each piece. */
  readonly content: readonly string[];
  readonly closing: string;
}

/** How a scripted server puts an answer on the wire. */
export interface Wire {
  readonly contentType: string;
  /** How its strings stand for bytes: `latin1` where frames are binary. */
  readonly encoding?: "latin1";
  frame(json: string): string;
  answer(body: object, pieces: readonly string[]): WireAnswer;
  /** Whether the request goes on behind something already said. */
  isContinued(body: object): boolean;
  /** An error inside the stream, behind so many frames. */
  error(frames: number): string;
  /** What marks the end of the stream; "" for nothing. */
  readonly end: string;
  refusal(status: number): string;
}

/** What is left of the pieces behind `said`, as a model would go on: templates strip the blanks at the end. */
export function behind(pieces: readonly string[], said: string): string[] {
  const text = pieces.join("");
  if (!text.startsWith(said.trimEnd())) throw new Error(`not the beginning of the answer: ${said}`);
  const left = text.slice(said.trimEnd().length);
  // Cut otherwise than the first time: a piece is no token.
  return [...left.matchAll(/[\s\S]{1,3}/gu)].map(([piece]) => piece);
}

interface OpenAiBody {
  readonly prompt?: string;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly stream_options?: { readonly continuous_usage_stats?: boolean };
}

const prefillOf = (body: object): string => {
  const last = (body as OpenAiBody).messages?.at(-1);
  return last?.role === "assistant" ? last.content : "";
};

export const openAiWire: Wire = {
  contentType: "text/event-stream; charset=utf-8",
  frame: (json) => `data: ${json}\n\n`,
  answer(body, pieces) {
    const { prompt, stream_options } = body as OpenAiBody;
    const said = prompt === undefined ? prefillOf(body) : prompt.replace(/^one two three/, "");
    const left = said === "" ? pieces : behind(pieces, said);
    const usage = (completion_tokens: number) => ({ prompt_tokens: 3, completion_tokens, total_tokens: 3 + completion_tokens });
    const chunk = (choice: object | null, tokens: number) =>
      this.frame(
        JSON.stringify({
          id: "x",
          choices: choice === null ? [] : [{ index: 0, ...choice }],
          ...(choice === null || stream_options?.continuous_usage_stats ? { usage: usage(tokens) } : {}),
        }),
      );
    const piece = (content: string) => (prompt === undefined ? { delta: { content } } : { text: content });
    return {
      opening: chunk(prompt === undefined ? { delta: { role: "assistant", content: "" } } : { text: "" }, 0),
      content: left.map((each, i) => chunk(piece(each), i + 1)),
      closing: chunk({ ...piece(""), finish_reason: "stop" }, left.length) + chunk(null, left.length) + this.end,
    };
  },
  isContinued: (body) => prefillOf(body) !== "",
  error: () => 'data: {"error":{"message":"CUDA out of memory","type":"server_error","code":500}}\n\n',
  end: "data: [DONE]\n\n",
  refusal: (status) => JSON.stringify({ error: { message: `refused with ${status}`, type: "x", code: status } }),
};

export const ollamaWire: Wire = {
  contentType: "application/x-ndjson",
  frame: (json) => `${json}\n`,
  answer(body, pieces) {
    const { prompt } = body as OpenAiBody;
    const said = prompt === undefined ? prefillOf(body) : prompt.replace(/^one two three/, "");
    const left = said === "" ? pieces : behind(pieces, said);
    const line = (i: number, text: string, more: object = { done: false }) => {
      const output = prompt === undefined ? { message: { role: "assistant", content: text } } : { response: text };
      return this.frame(JSON.stringify({ model: "m", created_at: `2026-01-01T00:00:00.${i}Z`, ...output, ...more }));
    };
    return {
      opening: "",
      content: left.map((each, i) => line(i, each)),
      closing: line(left.length, "", { done: true, done_reason: "stop", prompt_eval_count: 3, eval_count: left.length }),
    };
  },
  isContinued: (body) => prefillOf(body) !== "",
  error: () => '{"error":"llama runner process has terminated"}\n',
  end: "",
  refusal: (status) => JSON.stringify({ error: `refused with ${status}` }),
};

const ENGINE_CODES: Readonly<Record<number, string>> = { 429: "queue_full", 503: "draining" };

export const engineWire: Wire = {
  contentType: "application/x-ndjson",
  frame: (json) => `${json}\n`,
  answer(body, pieces) {
    const { id, model, resume } = body as GenerationRequest;
    const replayed = resume?.tokens[0]?.length ?? 0;
    let position = 0;
    const line = (event: GenerationEvent) => this.frame(JSON.stringify([position++, event]));
    const timings = { queueMs: 0, prefillMs: 0, decodeMs: 0, ttftMs: 0 };
    const completionTokens = pieces.length + 1;
    return {
      opening: line({ type: "start", id, model, promptTokens: 3, cachedTokens: 0 }),
      content: pieces.slice(replayed).map((text, i) => line({ type: "text", choice: 0, tokens: [100 + replayed + i], text })),
      closing:
        line({ type: "finish", choice: 0, tokens: [2], reason: "stop", stopSequence: null }) +
        line({ type: "usage", promptTokens: 3, cachedTokens: 0, completionTokens, reasoningTokens: 0, timings }),
    };
  },
  isContinued: () => false,
  error: (frames) => `[${frames},{"type":"error","error":{"code":"internal","message":"llama_decode failed","hint":""}}]\n`,
  end: "",
  refusal: (status) =>
    JSON.stringify({ error: { code: ENGINE_CODES[status] ?? "internal", message: "refused", hint: "", retryAfter: 7 } }),
};

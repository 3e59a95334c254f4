import { eventStreamFrame } from "./event-stream-frame.ts";
import { behind, openAiWire, type Wire } from "./wires.ts";

interface Turn {
  readonly role: string;
  readonly content?: string | readonly { readonly text: string }[];
  readonly parts?: readonly { readonly text: string }[];
}

/** The beginning of the answer that a request holds: a last turn of the model's own. */
function prefillOf(body: object): string {
  const { contents, messages } = body as { contents?: readonly Turn[]; messages?: readonly Turn[] };
  const last = (contents ?? messages)?.at(-1);
  if (last === undefined || last.role === "user") return "";
  const { content, parts = content } = last;
  return typeof parts === "string" ? parts : (parts ?? []).map(({ text }) => text).join("");
}

function left(body: object, pieces: readonly string[]): readonly string[] {
  const said = prefillOf(body);
  return said === "" ? pieces : behind(pieces, said);
}

const isContinued = (body: object): boolean => prefillOf(body) !== "";

const event = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** https://docs.anthropic.com/en/api/messages-streaming */
export const anthropicWire: Wire = {
  contentType: "text/event-stream; charset=utf-8",
  frame: (json) => `event: content_block_delta\ndata: ${json}\n\n`,
  answer(body, pieces) {
    const texts = left(body, pieces);
    const usage = { input_tokens: 3, output_tokens: 1 };
    const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, usage };
    return {
      opening:
        event({ type: "message_start", message } as { type: string }) +
        event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as { type: string }) +
        event({ type: "ping" }),
      content: texts.map((text) =>
        this.frame(JSON.stringify({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
      ),
      closing:
        event({ type: "content_block_stop", index: 0 } as { type: string }) +
        event({
          type: "message_delta",
          delta: { stop_reason: "end_turn", stop_sequence: null },
          usage: { output_tokens: texts.length },
        } as { type: string }) +
        this.end,
    };
  },
  isContinued,
  error: () => event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } } as { type: string }),
  end: event({ type: "message_stop" }),
  refusal: (status) => JSON.stringify({ type: "error", error: { type: "x", message: `refused with ${status}` } }),
};

const bedrockEvent = (type: string, data: object): string =>
  eventStreamFrame(
    { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify(data),
  ).toString("latin1");

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
export const bedrockWire: Wire = {
  contentType: "application/vnd.amazon.eventstream",
  encoding: "latin1",
  frame: (json) =>
    eventStreamFrame(
      { ":event-type": "contentBlockDelta", ":content-type": "application/json", ":message-type": "event" },
      json,
    ).toString("latin1"),
  answer(body, pieces) {
    const texts = left(body, pieces);
    const usage = { inputTokens: 3, outputTokens: texts.length, totalTokens: 3 + texts.length };
    return {
      opening: bedrockEvent("messageStart", { role: "assistant" }),
      content: texts.map((text) => bedrockEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text } })),
      closing:
        bedrockEvent("contentBlockStop", { contentBlockIndex: 0 }) +
        bedrockEvent("messageStop", { stopReason: "end_turn" }) +
        bedrockEvent("metadata", { usage, metrics: { latencyMs: 1 } }),
    };
  },
  isContinued,
  error: () =>
    eventStreamFrame(
      { ":exception-type": "modelStreamErrorException", ":content-type": "application/json", ":message-type": "exception" },
      JSON.stringify({ message: "the model gave up" }),
    ).toString("latin1"),
  end: "",
  refusal: (status) => JSON.stringify({ message: `refused with ${status}` }),
};

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference, with `alt=sse` */
export const vertexWire: Wire = {
  contentType: "text/event-stream",
  frame: (json) => `data: ${json}\r\n\r\n`,
  answer(body, pieces) {
    const texts = left(body, pieces);
    const chunk = (candidate: object, more: object = {}): string =>
      this.frame(JSON.stringify({ candidates: [{ index: 0, ...candidate }], modelVersion: "m", responseId: "r", ...more }));
    const content = (text: string) => ({ content: { role: "model", parts: [{ text }] } });
    const usageMetadata = {
      promptTokenCount: 3,
      candidatesTokenCount: texts.length,
      totalTokenCount: 3 + texts.length,
    };
    return {
      opening: "",
      content: texts.map((text) => chunk(content(text))),
      closing: chunk({ ...content(""), finishReason: "STOP" }, { usageMetadata }),
    };
  },
  isContinued,
  error: () => 'data: {"error":{"code":503,"message":"The service is currently unavailable.","status":"UNAVAILABLE"}}\r\n\r\n',
  end: "",
  refusal: (status) => JSON.stringify([{ error: { code: status, message: `refused with ${status}`, status: "X" } }]),
};

/** https://docs.mistral.ai/api: OpenAI's, with the usage beside the finish */
export const mistralWire: Wire = {
  ...openAiWire,
  answer(body, pieces) {
    const texts = left(body, pieces);
    const chunk = (delta: object, finish_reason: string | null, more: object = {}): string =>
      this.frame(JSON.stringify({ id: "x", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason }], ...more }));
    const usage = { prompt_tokens: 3, completion_tokens: texts.length, total_tokens: 3 + texts.length };
    return {
      opening: chunk({ role: "assistant", content: "" }, null),
      content: texts.map((content) => chunk({ content }, null)),
      closing: chunk({ content: "" }, "stop", { usage }) + this.end,
    };
  },
  isContinued,
  refusal: (status) => JSON.stringify({ object: "error", message: `refused with ${status}`, type: "x", code: "1" }),
};

/** https://console.groq.com/docs/api-reference: OpenAI's, with the usage in a field of its own */
export const groqWire: Wire = {
  ...mistralWire,
  answer(body, pieces) {
    const answer = mistralWire.answer(body, pieces);
    return { ...answer, closing: answer.closing.replace(/"usage":(\{[^}]*\})/, '"x_groq":{"id":"r","usage":$1}') };
  },
  refusal: openAiWire.refusal,
};

const payloadPart = (text: string): string =>
  eventStreamFrame(
    { ":event-type": "PayloadPart", ":content-type": "application/octet-stream", ":message-type": "event" },
    text,
  ).toString("latin1");

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html */
export function sageMakerWire(container: Wire): Wire {
  return {
    contentType: "application/vnd.amazon.eventstream",
    encoding: "latin1",
    frame: (json) => payloadPart(container.frame(json)),
    answer(body, pieces) {
      const { closing, content, opening } = container.answer(body, pieces);
      const last = payloadPart(closing.slice(0, closing.length - container.end.length));
      return { opening: payloadPart(opening), content: content.map(payloadPart), closing: last + this.end };
    },
    isContinued: container.isContinued,
    error: () =>
      eventStreamFrame(
        { ":exception-type": "ModelStreamError", ":content-type": "application/json", ":message-type": "exception" },
        JSON.stringify({ Message: "the container gave up", ErrorCode: "ModelInvocationTimeExceeded" }),
      ).toString("latin1"),
    end: container.end === "" ? "" : payloadPart(container.end),
    // What the container refuses with comes as ModelError, 424, with the container's own status inside.
    refusal: (status) => JSON.stringify({ message: `refused with ${status}` }),
  };
}

/** https://huggingface.co/docs/text-generation-inference, `/generate_stream` */
export const tgiWire: Wire = {
  contentType: "text/event-stream",
  frame: (json) => `data:${json}\n\n`,
  answer(body, pieces) {
    const said = (body as { inputs: string }).inputs.replace(/^one two three/, "");
    const texts = said === "" ? pieces : behind(pieces, said);
    const line = (index: number, text: string, more: object = { generated_text: null, details: null }): string =>
      this.frame(JSON.stringify({ index, token: { id: 7, text, logprob: -0.1, special: false }, ...more }));
    const details = { finish_reason: "eos_token", generated_tokens: texts.length + 1, input_length: 3, seed: null };
    const last = { id: 2, text: "</s>", logprob: -0.1, special: true };
    return {
      opening: "",
      content: texts.map((text, i) => line(i + 1, text)),
      closing: this.frame(JSON.stringify({ index: texts.length + 1, token: last, generated_text: texts.join(""), details })),
    };
  },
  isContinued: (body) => (body as { inputs: string }).inputs !== "one two three",
  error: () => 'data:{"error":"Request failed during generation","error_type":"generation"}\n\n',
  end: "",
  refusal: (status) => JSON.stringify({ error: `refused with ${status}`, error_type: "x" }),
};

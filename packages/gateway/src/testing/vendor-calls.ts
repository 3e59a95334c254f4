import { eventStreamFrame } from "./event-stream-frame.ts";
import { mistralWire } from "./vendor-wires.ts";
import { openAiWire } from "./wires.ts";

const sse = (chunks: readonly object[], named = false): string =>
  chunks
    .map((chunk) => `${named ? `event: ${(chunk as { type: string }).type}\n` : ""}data: ${JSON.stringify(chunk)}\n\n`)
    .join("");

const bedrock = (events: readonly (readonly [string, object])[]): string =>
  events
    .map(([type, data]) =>
      eventStreamFrame(
        { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
        JSON.stringify(data),
      ).toString("latin1"),
    )
    .join("");

const openAiCall = (more: object = {}) => ({
  id: "c",
  created: 1,
  model: "m",
  choices: [
    {
      index: 0,
      delta: { role: "assistant", content: null, tool_calls: [{ index: 0, id: "call_1", type: "function", ...more }] },
      finish_reason: null,
    },
  ],
});
const OPENAI = [
  openAiCall({ function: { name: "weather", arguments: "" } }),
  openAiCall({ id: undefined, function: { arguments: '{"city":' } }),
  openAiCall({ id: undefined, function: { arguments: '"Lima"}' } }),
  { id: "c", created: 1, model: "m", choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
];
const USAGE = { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29, prompt_tokens_details: { cached_tokens: 4 } };

/**
 * A call of the tool `weather` with {"city":"Lima"} as each vendor streams it: 20 tokens in, 4 of them cached where the
 * vendor tells, and 9 out.
 */
export const VENDOR_CALLS = {
  openai: sse([...OPENAI, { id: "c", choices: [], usage: USAGE }]) + openAiWire.end,
  azure: sse([{ choices: [], prompt_filter_results: [] }, ...OPENAI, { id: "c", choices: [], usage: USAGE }]) + openAiWire.end,
  groq: sse([...OPENAI.slice(0, 3), { ...OPENAI[3], x_groq: { id: "r", usage: USAGE } }]) + openAiWire.end,
  mistral:
    sse([
      openAiCall({ function: { name: "weather", arguments: '{"city":"Lima"}' } }),
      { ...OPENAI[3], usage: { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 } },
    ]) + mistralWire.end,
  anthropic: sse(
    [
      {
        type: "message_start",
        message: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "m",
          content: [],
          stop_reason: null,
          usage: { input_tokens: 16, cache_read_input_tokens: 4, output_tokens: 1 },
        },
      },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "where?" } },
      { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "c2ln" } },
      { type: "content_block_stop", index: 0 },
      { type: "content_block_start", index: 1, content_block: { type: "tool_use", id: "call_1", name: "weather", input: {} } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"city":' } },
      { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '"Lima"}' } },
      { type: "content_block_stop", index: 1 },
      { type: "message_delta", delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 9 } },
      { type: "message_stop" },
    ],
    true,
  ),
  "amazon-bedrock": bedrock([
    ["messageStart", { role: "assistant" }],
    ["contentBlockStart", { contentBlockIndex: 0, start: { toolUse: { toolUseId: "call_1", name: "weather" } } }],
    ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: '{"city":' } } }],
    ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: '"Lima"}' } } }],
    ["contentBlockStop", { contentBlockIndex: 0 }],
    ["messageStop", { stopReason: "tool_use" }],
    ["metadata", { usage: { inputTokens: 20, outputTokens: 9, totalTokens: 29 }, metrics: { latencyMs: 1 } }],
  ]),
  "google-vertex": sse([
    {
      candidates: [{ content: { role: "model", parts: [{ functionCall: { name: "weather", args: { city: "Lima" } } }] } }],
    },
    {
      candidates: [{ content: { role: "model", parts: [{ text: "" }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 20, cachedContentTokenCount: 4, candidatesTokenCount: 9, totalTokenCount: 29 },
    },
  ]),
} as const;

import type { ChatMessage } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { settled } from "../testing/scripted-events.ts";
import { parseMessage, parseTokenCount } from "./parse.ts";
import { CONTEXT, fixture } from "./testing/fixture.ts";

const HI = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
const TOOL = { name: "weather", input_schema: { type: "object" } };

function parse(changes: Record<string, unknown> = {}) {
  return parseMessage({ ...HI, ...changes }, CONTEXT);
}

function chat(changes: Record<string, unknown> = {}) {
  const { input } = parse(changes).request;
  if (input.kind !== "chat") throw new Error("no conversation");
  return input;
}

describe("recorded requests", () => {
  test.each(["agent.json", "plain.json"])("%s", (name) => {
    const { body, presentation, request } = JSON.parse(fixture(name));
    const parsed = parseMessage(body, CONTEXT);
    expect(JSON.parse(JSON.stringify(settled(parsed.request)))).toEqual(request);
    expect(parsed.presentation).toEqual(presentation);
  });
});

test("what is not named is not decided here", () => {
  const { request } = parse();
  expect(request.sampling).toEqual({});
  expect(request).toMatchObject({ stop: [], format: { kind: "text" }, maxTokens: 9, n: 1 });
  expect(request.input).not.toHaveProperty("reasoning");
});

test("explicit nulls are as good as absent", () => {
  const nulls = { system: null, stop_sequences: null, tools: null, tool_choice: null, thinking: null, metadata: null };
  expect(parse({ ...nulls, temperature: null, top_k: null, top_p: null, stream: null, output_config: null })).toEqual(parse());
});

test("an adapter stands behind the plus", () => {
  const { presentation, request } = parse({ model: "m+pirate" });
  expect(request).toMatchObject({ model: "m", adapter: "pirate" });
  expect(presentation.model).toBe("m+pirate");
});

describe("the conversation", () => {
  const user = (content: unknown) => ({ role: "user", content });
  const assistant = (content: unknown) => ({ role: "assistant", content });
  const words = (text: string) => ({ type: "text", text, cache_control: { type: "ephemeral" } });
  const use = (id: string, input: unknown = {}) => ({ type: "tool_use", id, name: "weather", input });
  const result = (id: string, more: object) => ({ type: "tool_result", tool_use_id: id, ...more });

  test.each<[string, Record<string, unknown>, ChatMessage[]]>([
    [
      "system as a string",
      { system: "Be brief." },
      [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
      ],
    ],
    [
      "system as blocks",
      { system: [words("Be brief."), words("Be kind.")] },
      [
        { role: "system", content: "Be brief.\nBe kind." },
        { role: "user", content: "hi" },
      ],
    ],
    ["an empty system", { system: "" }, [{ role: "user", content: "hi" }]],
    ["text blocks", { messages: [user([words("a"), words("b")])] }, [{ role: "user", content: "a\nb" }]],
    ["turns of one role", { messages: [user("a"), user("b")] }, [{ role: "user", content: "a\nb" }]],
    [
      "results come before the text beside them",
      {
        messages: [
          user("?"),
          assistant([words("Let me "), words("see."), use("c1", { city: "Puno" }), use("c2")]),
          user([
            result("c1", { content: "4 C" }),
            result("c2", { content: [words("no"), words("luck")], is_error: true }),
            words("So?"),
          ]),
        ],
      },
      [
        { role: "user", content: "?" },
        {
          role: "assistant",
          content: "Let me see.",
          toolCalls: [
            { id: "c1", name: "weather", arguments: '{"city":"Puno"}' },
            { id: "c2", name: "weather", arguments: "{}" },
          ],
        },
        { role: "tool", toolCallId: "c1", content: "4 C" },
        { role: "tool", toolCallId: "c2", content: "Error: no\nluck" },
        { role: "user", content: "So?" },
      ],
    ],
    [
      "thinking, of which what is encrypted stays unread",
      {
        messages: [
          user("?"),
          assistant([
            { type: "thinking", thinking: "Hm.", signature: "s" },
            { type: "redacted_thinking", data: "x" },
            words("Yes."),
          ]),
          user("Sure?"),
        ],
      },
      [
        { role: "user", content: "?" },
        { role: "assistant", content: "Yes.", reasoning: "Hm." },
        { role: "user", content: "Sure?" },
      ],
    ],
    [
      "an assistant's turn in two messages",
      { messages: [user("?"), assistant("a"), assistant([words("b"), use("c1")]), user([result("c1", {})])] },
      [
        { role: "user", content: "?" },
        { role: "assistant", content: "ab", toolCalls: [{ id: "c1", name: "weather", arguments: "{}" }] },
        { role: "tool", toolCallId: "c1", content: "" },
      ],
    ],
  ])("%s", (_what, changes, messages) => {
    expect(chat(changes).messages).toEqual(messages);
  });

  test.each([
    ["an image", [user([{ type: "image", source: { type: "url", url: "u" } }])], "messages[0].content[0]"],
    ["a document", [user([words("a"), { type: "document", source: {} }])], "messages[0].content[1]"],
    ["an image in a result", [user([result("c", { content: [{ type: "image" }] })])], "messages[0].content[0].content[0]"],
    ["a server's tool", [user("a"), assistant([{ type: "server_tool_use" }]), user("b")], "messages[1].content[0]"],
    ["a call without its result", [user("a"), assistant([use("c1")])], "messages[1]"],
  ])("%s is unsupported", (_what, messages, param) => {
    expect(() => parse({ messages })).toThrow(
      expect.objectContaining({ code: "unsupported", body: expect.objectContaining({ param }) }),
    );
  });

  describe("a last message of the assistant's", () => {
    const begun = [user("?"), assistant("The answer"), assistant([words(" is")])];

    test("is the beginning of the answer", () => {
      expect(chat({ messages: begun })).toMatchObject({ messages: [{ role: "user", content: "?" }], prefill: "The answer is" });
      expect(chat({ messages: [user("?")] })).not.toHaveProperty("prefill");
    });

    test.each([
      ["whitespace at its end", { messages: [user("?"), assistant("So ")] }, "messages[1].content", "invalid_request"],
      ["no text", { messages: [user("?"), assistant([])] }, "messages[1].content", "invalid_request"],
      ["nothing before it", { messages: [assistant("So")] }, "messages", "invalid_request"],
      ["thinking", { messages: begun, thinking: { type: "adaptive" } }, "thinking", "unsupported"],
      [
        "a schema",
        { messages: begun, output_config: { format: { type: "json_schema", schema: {} } } },
        "output_config.format",
        "unsupported",
      ],
    ])("is refused with %s", (_what, changes, param, code) => {
      expect(() => parse(changes)).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
    });
  });
});

describe("tools", () => {
  test.each([
    [{ type: "auto" }, { toolChoice: { kind: "auto" }, parallelToolCalls: true }],
    [{ type: "any" }, { toolChoice: { kind: "required" } }],
    [{ type: "none" }, { toolChoice: { kind: "none" } }],
    [{ type: "tool", name: "weather" }, { toolChoice: { kind: "tool", name: "weather" } }],
    [
      { type: "any", disable_parallel_tool_use: true },
      { toolChoice: { kind: "required" }, parallelToolCalls: false },
    ],
  ])("tool_choice %j", (tool_choice, expected) => {
    expect(chat({ tools: [TOOL], tool_choice })).toMatchObject(expected);
  });
});

test.each([
  [{ type: "enabled", budget_tokens: 2000 }, true],
  [{ type: "adaptive" }, true],
  [{ type: "disabled" }, false],
])("thinking %j", (thinking, reasoning) => {
  expect(chat({ thinking }).reasoning).toBe(reasoning);
});

describe("what is refused, and where", () => {
  test.each<[string, Record<string, unknown>, string, string?]>([
    ["no max_tokens", { max_tokens: undefined }, "max_tokens"],
    ["max_tokens of 0", { max_tokens: 0 }, "max_tokens"],
    ["no model", { model: null }, "model"],
    ["no messages", { messages: [] }, "messages"],
    ["a role of its own", { messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
    ["no content", { messages: [{ role: "user" }] }, "messages[0].content"],
    ["content of a wrong type", { messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    ["a block without type", { messages: [{ role: "user", content: [{ text: "a" }] }] }, "messages[0].content[0].type"],
    [
      "a text that is none",
      { messages: [{ role: "user", content: [{ type: "text", text: 1 }] }] },
      "messages[0].content[0].text",
    ],
    ["a system that is none", { system: { text: "a" } }, "system"],
    ["a thread", { thread: { type: "create" } }, "thread", "unsupported"],
    ["hot", { temperature: 2.1 }, "temperature"],
    ["top_k below 0", { top_k: -1 }, "top_k"],
    ["top_p above 1", { top_p: 1.1 }, "top_p"],
    ["17 stop sequences", { stop_sequences: Array(17).fill("a") }, "stop_sequences"],
    ["a stop sequence that is none", { stop_sequences: [1] }, "stop_sequences[0]"],
    ["thinking without type", { thinking: {} }, "thinking.type"],
    ["a budget that is none", { thinking: { type: "enabled", budget_tokens: "much" } }, "thinking.budget_tokens"],
    ["a tool without schema", { tools: [{ name: "a" }] }, "tools[0].input_schema"],
    ["a tool's bad name", { tools: [{ ...TOOL, name: "a b" }] }, "tools[0].name"],
    ["a tool's endless description", { tools: [{ ...TOOL, description: "a".repeat(65_537) }] }, "tools[0].description"],
    ["two tools of a name", { tools: [TOOL, TOOL] }, "tools"],
    ["a tool of Anthropic's", { tools: [{ type: "web_search_20250305", name: "web_search" }] }, "tools[0].type", "unsupported"],
    ["any of no tools", { tool_choice: { type: "any" } }, "tool_choice"],
    ["an unknown tool", { tools: [TOOL], tool_choice: { type: "tool", name: "b" } }, "tool_choice.name"],
    ["a format without schema", { output_config: { format: { type: "json_schema" } } }, "output_config.format.schema"],
  ])("%s", (_what, changes, param, code = "invalid_request") => {
    expect(() => parse(changes)).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
  });

  test("too many calls in one turn, be it in one message or in two", () => {
    const calls = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ type: "tool_use", id: `c${i}`, name: "weather", input: {} }));
    const turns = (...counts: number[]) => ({
      messages: [...counts.map((count) => ({ role: "assistant", content: calls(count) })), { role: "user", content: "?" }],
    });
    expect(chat(turns(128)).messages[0]).toMatchObject({ role: "assistant" });
    expect(() => parse(turns(129))).toThrow(expect.objectContaining({ code: "invalid_request" }));
    expect(() => parse(turns(64, 65))).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});

test("counting reads what makes the prompt, and nothing else", () => {
  const counted = parseTokenCount({ ...HI, max_tokens: "any", system: "s", tools: [TOOL], thinking: { type: "disabled" } });
  expect(counted).toEqual({
    model: "m",
    adapter: null,
    input: chat({ system: "s", tools: [TOOL], thinking: { type: "disabled" } }),
  });
});

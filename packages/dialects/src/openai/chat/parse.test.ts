import { ArrieroError } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { CONTEXT, settled } from "../../testing/scripted-events.ts";
import { fixture } from "../testing/fixture.ts";
import { parseChat } from "./parse.ts";

const HI = { model: "m", messages: [{ role: "user", content: "hi" }] };

function chatInput(extra: Record<string, unknown>) {
  const { input } = parseChat({ ...HI, ...extra }, CONTEXT).request;
  if (input.kind !== "chat") throw new Error("not a chat");
  return input;
}

function refused(body: unknown): { code: string; param: string | undefined; message: string } {
  try {
    parseChat(body, CONTEXT);
  } catch (error) {
    if (error instanceof ArrieroError) return { code: error.code, param: error.body.param, message: error.message };
    throw error;
  }
  throw new Error("accepted");
}

describe("requests as clients send them", () => {
  test.each(["chat-plain", "chat-nulls", "chat-tools", "chat-functions", "chat-extras"])("%s", (name) => {
    const { body, request, presentation } = JSON.parse(fixture(`${name}.json`));
    const parsed = parseChat(body, CONTEXT);
    expect(parsed.presentation).toEqual(presentation);
    expect(settled(parsed.request)).toEqual(request);
  });
});

describe("what the model is asked for", () => {
  test.each([
    [{ type: "text" }, { kind: "text" }],
    [{ type: "json_object" }, { kind: "json" }],
    [
      { type: "json_object", schema: { type: "array" } },
      { kind: "json-schema", schema: { type: "array" } },
    ],
  ])("response_format %j", (response_format, format) => {
    expect(parseChat({ ...HI, response_format }, CONTEXT).request.format).toEqual(format);
  });

  test.each([
    [{ guided_json: { type: "array" } }, { kind: "json-schema", schema: { type: "array" } }],
    [{ guided_grammar: "root ::= [a]" }, { kind: "grammar", grammar: "root ::= [a]" }],
    [{ structured_outputs: { json: { type: "array" } } }, { kind: "json-schema", schema: { type: "array" } }],
    [
      { response_format: { type: "text" }, grammar: "root ::= [a]" },
      { kind: "grammar", grammar: "root ::= [a]" },
    ],
  ])("%j", (extra, format) => {
    expect(parseChat({ ...HI, ...extra }, CONTEXT).request.format).toEqual(format);
  });

  test.each([
    ["low", true],
    ["xhigh", true],
    ["none", false],
  ])("reasoning_effort %s is reasoning %s", (reasoning_effort, reasoning) => {
    expect(chatInput({ reasoning_effort }).reasoning).toBe(reasoning);
  });

  test("allowed_tools leaves only those named", () => {
    const tool = (name: string) => ({ type: "function", function: { name } });
    const allowed_tools = { mode: "required", tools: [tool("b")] };
    const { tools, toolChoice } = chatInput({
      tools: [tool("a"), tool("b")],
      tool_choice: { type: "allowed_tools", allowed_tools },
    });
    expect(tools.map((each) => each.name)).toEqual(["b"]);
    expect(toolChoice).toEqual({ kind: "required" });
  });

  test.each([
    ["m", "m", null],
    ["m+a", "m", "a"],
    ["command-r+", "command-r+", null],
    ["a+b+c", "a+b", "c"],
  ])("model %s", (name, model, adapter) => {
    expect(parseChat({ ...HI, model: name }, CONTEXT).request).toMatchObject({ model, adapter });
  });
});

describe("refusals name the field in the caller's words", () => {
  const tool = { type: "function", function: { name: "f" } };
  const image = { type: "image_url", image_url: { url: "data:" } };
  test.each([
    [{ model: undefined }, "invalid_request", "model"],
    [{ model: 7 }, "invalid_request", "model"],
    [{ messages: [] }, "invalid_request", "messages"],
    [{ messages: "hi" }, "invalid_request", "messages"],
    [{ messages: [{ role: "user", content: 7 }] }, "invalid_request", "messages[0].content"],
    [{ messages: [{ role: "user" }] }, "invalid_request", "messages[0].content"],
    [{ messages: [{ role: "robot", content: "x" }] }, "invalid_request", "messages[0].role"],
    [{ messages: [...HI.messages, { role: "tool", content: "x" }] }, "invalid_request", "messages[1].tool_call_id"],
    [{ messages: [{ role: "user", content: [{ type: "text", text: "a" }, image] }] }, "unsupported", "messages[0].content[1]"],
    [{ messages: [{ role: "assistant", tool_calls: [{ id: "c" }] }] }, "invalid_request", "messages[0].tool_calls[0].function"],
    [{ temperature: "hot" }, "invalid_request", "temperature"],
    [{ temperature: 2.1 }, "invalid_request", "temperature"],
    [{ top_p: Number.POSITIVE_INFINITY }, "invalid_request", "top_p"],
    [{ max_tokens: 0 }, "invalid_request", "max_tokens"],
    [{ max_tokens: 1.5 }, "invalid_request", "max_tokens"],
    [{ n: 17 }, "invalid_request", "n"],
    [{ seed: 1e30 }, "invalid_request", "seed"],
    [{ stream: "true" }, "invalid_request", "stream"],
    [{ stream_options: { include_usage: 1 } }, "invalid_request", "stream_options.include_usage"],
    [{ stop: 7 }, "invalid_request", "stop"],
    [{ stop: ["a", 7] }, "invalid_request", "stop[1]"],
    [{ top_logprobs: 2 }, "invalid_request", "logprobs"],
    [{ logit_bias: { hello: 1 } }, "invalid_request", "logit_bias"],
    [{ logit_bias: { 7: "x" } }, "invalid_request", "logit_bias.7"],
    [{ priority: 3 }, "invalid_request", "priority"],
    [{ response_format: { type: "xml" } }, "invalid_request", "response_format.type"],
    [{ response_format: { type: "json_schema", json_schema: {} } }, "invalid_request", "response_format.json_schema.schema"],
    [{ response_format: { type: "json_object" }, grammar: "root ::= [a]" }, "invalid_request", "grammar"],
    [{ guided_regex: "a+" }, "unsupported", "guided_regex"],
    [{ tools: [{ type: "custom" }] }, "unsupported", "tools[0].type"],
    [{ tools: [{ type: "function", function: { name: "a b" } }] }, "invalid_request", "tools[0].function.name"],
    [{ tools: [tool, tool] }, "invalid_request", "tools"],
    [{ tools: [tool], functions: [] }, "invalid_request", "functions"],
    [{ tool_choice: "required" }, "invalid_request", "tool_choice"],
    [
      { tools: [tool], tool_choice: { type: "function", function: { name: "g" } } },
      "invalid_request",
      "tool_choice.function.name",
    ],
    [{ tools: [tool], tool_choice: "maybe" }, "invalid_request", "tool_choice"],
    [{ modalities: ["text", "audio"] }, "unsupported", "modalities[1]"],
  ])("%j", (extra, code, param) => {
    expect(refused({ ...HI, ...extra })).toMatchObject({ code, param });
  });

  test("the message says the rule and the value at hand", () => {
    expect(refused({ ...HI, temperature: "hot" }).message).toBe('temperature must be a number from 0 to 2, but is "hot".');
    expect(refused({ ...HI, model: null }).message).toBe("model must be a string, but is missing.");
  });

  test.each([[null], [[]], ["{}"], [7]])("a body that is no object: %j", (body) => {
    expect(refused(body).code).toBe("invalid_json");
  });

  test("a schema nested too deep to be serialised later", () => {
    const schema = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
    expect(refused({ ...HI, guided_json: schema })).toMatchObject({ code: "invalid_request", param: "guided_json" });
  });
});

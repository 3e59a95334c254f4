import type { ToolDefinition } from "@arriero/spec";
import { expect, it } from "vitest";
import { deepseekFormat } from "./deepseek-format.ts";
import { hermesFormat } from "./hermes-format.ts";
import { llamaFormat } from "./llama-format.ts";
import { mistralArgumentsFormat, mistralFormat } from "./mistral-format.ts";
import { qwenCoderFormat } from "./qwen-coder-format.ts";
import type { ToolFormat } from "./tool-format.ts";

const TOOLS: readonly ToolDefinition[] = [
  {
    name: "write",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string" },
        lines: { type: ["integer", "string"] },
        mode: { type: "string", enum: ["a", "w"] },
        tags: { type: "array", items: { type: "string" } },
        note: { anyOf: [{ type: "string" }, { type: "null" }] },
      },
      required: ["path"],
    },
  },
];

function calls(format: ToolFormat, text: string): string[] {
  const parser = format.parser(TOOLS);
  const read: string[] = [];
  for (const event of [...parser.feed(text), ...parser.finish()]) {
    if (event.type === "call-start") read.push(`${event.name} `);
    else if (event.type === "call-arguments") read[read.length - 1] += event.delta;
    else if (event.type === "text" && read.at(-1)?.startsWith("text ")) read[read.length - 1] += event.text;
    else if (event.type === "text") read.push(`text ${event.text}`);
  }
  return read;
}

it.each<[string, ToolFormat, string, string[]]>([
  ["arguments before the name", hermesFormat, '<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call>', ['f {"a": 1}']],
  ["arguments in a string", hermesFormat, '<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}</tool_call>', ['f {"a": 1}']],
  ["no arguments", hermesFormat, '<tool_call>{"name": "f"}</tool_call>', ["f {}"]],
  ["null for arguments", hermesFormat, '<tool_call>{"name": "f", "arguments": null}</tool_call>', ["f {}"]],
  ["a missing brace", hermesFormat, '<tool_call>{"name": "f", "arguments": {"a": 1}</tool_call> ok', ['f {"a": 1}', "text ok"]],
  [
    "two objects in one mark",
    hermesFormat,
    '<tool_call>{"name": "f", "arguments": {}}\n{"name": "g", "arguments": {}}</tool_call>',
    ["f {}", "g {}"],
  ],
  [
    "brackets and quotes in strings",
    hermesFormat,
    '<tool_call>{"name": "f", "arguments": {"a": "}\\"{</tool_call>"}}</tool_call>',
    ['f {"a": "}\\"{</tool_call>"}'],
  ],
  ["an escaped name", hermesFormat, '<tool_call>{"name": "get\\u005fit", "arguments": {}}</tool_call>', ["get_it {}"]],
  ["a closing mark that is cut off", hermesFormat, '<tool_call>{"name": "f", "arguments": {}}</tool_', ["f {}"]],
  ["the tag", llamaFormat, '<|python_tag|>{"name": "write", "parameters": {"path": "x"}}', ['write {"path": "x"}']],
  ["a function object", llamaFormat, '{"type": "function", "function": {"name": "write", "parameters": {}}}', ["write {}"]],
  [
    "text, then the tag",
    llamaFormat,
    'One moment. <|python_tag|>{"type": "function", "name": "write", "parameters": {}}',
    ["text One moment.", "write {}"],
  ],
  ["an id behind the arguments", mistralFormat, '[TOOL_CALLS][{"name": "f", "arguments": {}, "id": "abcdefghi"}]', ["f {}"]],
  ["an id before the arguments", mistralArgumentsFormat, '[TOOL_CALLS]f[CALL_ID]abcdefghi[ARGS]{"a": 1}', ['f {"a": 1}']],
  [
    "a fenced object",
    deepseekFormat,
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{"a": 1}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ['f {"a": 1}'],
  ],
  [
    "text of several lines",
    qwenCoderFormat,
    "<tool_call>\n<function=write>\n<parameter=path>\n\none\n</parameter\ntwo\n\n</parameter>\n</function>\n</tool_call>",
    ['write {"path":"\\none\\n</parameter\\ntwo\\n"}'],
  ],
  [
    "a number where a string is wanted",
    qwenCoderFormat,
    "<tool_call><function=write><parameter=path>12</parameter></function></tool_call>",
    ['write {"path":"12"}'],
  ],
  [
    "values by their schema",
    qwenCoderFormat,
    '<tool_call>\n<function=write>\n<parameter=lines>\n3\n</parameter>\n<parameter=tags>\n["a"]\n</parameter>\n<parameter=mode>\nw\n</parameter>\n<parameter=note>\nnull\n</parameter>\n<parameter=other>\nx y\n</parameter>\n</function>\n</tool_call>',
    ['write {"lines":3,"tags":["a"],"mode":"w","note":null,"other":"x y"}'],
  ],
  [
    "a function without its outer mark",
    qwenCoderFormat,
    "<function=write>\n<parameter=path>\na\n</parameter>\n</function>",
    ['write {"path":"a"}'],
  ],
  [
    "JSON in the outer mark",
    qwenCoderFormat,
    '<tool_call>\n{"name": "write", "arguments": {"path": "a"}}\n</tool_call>',
    ['write {"path": "a"}'],
  ],
])("reads %s", (_, format, text, expected) => {
  expect(calls(format, text)).toEqual(expected);
});

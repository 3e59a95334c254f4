import { deepseekFormat } from "../deepseek-format.ts";
import { hermesFormat } from "../hermes-format.ts";
import { llamaFormat } from "../llama-format.ts";
import { mistralArgumentsFormat, mistralFormat } from "../mistral-format.ts";
import { qwenCoderFormat } from "../qwen-coder-format.ts";
import type { ToolFormat } from "../tool-format.ts";

type Arguments = Readonly<Record<string, unknown>>;

/** A format as its family writes it. */
export interface FormatSample {
  readonly format: ToolFormat;
  /** The traits of the family's chat template. */
  readonly template: string;
  one(name: string, given: Arguments): string;
  two(first: readonly [string, Arguments], second: readonly [string, Arguments]): string;
  /** Calls may follow text. */
  readonly mayHaveTextBefore: boolean;
  /** Texts that look like calls and are none. */
  readonly alien: readonly string[];
}

const json = (value: unknown) => JSON.stringify(value);

const hermes = (name: string, given: Arguments) =>
  `<tool_call>\n{"name": ${json(name)}, "arguments": ${json(given)}}\n</tool_call>`;
const llama = (name: string, given: Arguments) => `{"name": ${json(name)}, "parameters": ${json(given)}}`;
const mistralObject = (name: string, given: Arguments) => `{"name": ${json(name)}, "arguments": ${json(given)}}`;
const mistralArguments = (name: string, given: Arguments) => `[TOOL_CALLS]${name}[ARGS]${json(given)}`;
const deepseekCall = (name: string, given: Arguments) =>
  `<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${json(given)}<｜tool▁call▁end｜>`;
const deepseek = (...calls: readonly string[]) => `<｜tool▁calls▁begin｜>${calls.join("")}<｜tool▁calls▁end｜>`;

function qwenCoder(name: string, given: Arguments): string {
  const parameters = Object.entries(given).map(
    ([key, value]) => `<parameter=${key}>\n${typeof value === "string" ? value : json(value)}\n</parameter>\n`,
  );
  return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
}

export const FORMAT_SAMPLES: readonly FormatSample[] = [
  {
    format: hermesFormat,
    template:
      '{% if tools %}<tools>{{ tools | tojson }}</tools> answer <tool_call>{"name": ..., "arguments": ...}</tool_call>{% endif %}',
    one: hermes,
    two: (first, second) => `${hermes(...first)}\n${hermes(...second)}`,
    mayHaveTextBefore: true,
    alien: [
      "<tool_call>none</tool_call>",
      "<tool_call>",
      '<tool_call>{"na',
      '<tool_call>{"arguments": {"a": 1}}</tool_call>',
      "a <tool_cal b",
    ],
  },
  {
    format: llamaFormat,
    template: '<|start_header_id|>system<|end_header_id|> respond with {"name": function name, "parameters": dictionary}',
    one: llama,
    two: (first, second) => `${llama(...first)}; ${llama(...second)}`,
    mayHaveTextBefore: false,
    alien: [
      '{"name": "Ana", "parameters": {}}',
      '{"name": "ge',
      'See {"name": "now", "parameters": {}}',
      "<|python_tag|>print(1)",
      "; {",
    ],
  },
  {
    format: mistralFormat,
    template: '[AVAILABLE_TOOLS]{{ tools }}[/AVAILABLE_TOOLS]{{ "[TOOL_CALLS][" }}',
    one: (name, given) => `[TOOL_CALLS][${mistralObject(name, given)}]`,
    two: (first, second) => `[TOOL_CALLS][${mistralObject(...first)}, ${mistralObject(...second)}]`,
    mayHaveTextBefore: true,
    alien: ["[TOOL_CALLS]", "[TOOL_CALLS][]", "[TOOL_CALLS][1]", "[TOOL_CALLS] none here"],
  },
  {
    format: mistralArgumentsFormat,
    template: '[AVAILABLE_TOOLS]{{ tools }}[/AVAILABLE_TOOLS]{{ "[TOOL_CALLS]" + name + "[ARGS]" }}',
    one: mistralArguments,
    two: (first, second) => mistralArguments(...first) + mistralArguments(...second),
    mayHaveTextBefore: true,
    alien: ["[TOOL_CALLS]", "[TOOL_CALLS]now", "[TOOL_CALLS]now[ARGS]", "[TOOL_CALLS]now [ARGS] none"],
  },
  {
    format: qwenCoderFormat,
    template: "{{ tools }}<tool_call>\n<function=example>\n<parameter=a>\nvalue\n</parameter>\n</function>\n</tool_call>",
    one: qwenCoder,
    two: (first, second) => `${qwenCoder(...first)}\n${qwenCoder(...second)}`,
    mayHaveTextBefore: true,
    alien: ["<tool_call>\n<function", "<tool_call>none</tool_call>", "<function=", "<function=a b>"],
  },
  {
    format: deepseekFormat,
    template: "{{ '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>' + name + '<｜tool▁sep｜>' }}",
    one: (name, given) => deepseek(deepseekCall(name, given)),
    two: (first, second) => deepseek(deepseekCall(...first), deepseekCall(...second)),
    mayHaveTextBefore: true,
    alien: [
      "<｜tool▁calls▁begin｜>",
      "<｜tool▁call▁begin｜>none",
      "<｜tool▁call▁begin｜>function<｜tool▁sep｜>now",
      "<｜tool▁sep｜>",
    ],
  },
];

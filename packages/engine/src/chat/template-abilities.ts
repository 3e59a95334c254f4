import { ArrieroError, type ChatMessage, type ToolDefinition } from "@arriero/spec";
import type { TemplateAbilities } from "./template-messages.ts";

/** Renders with these abilities taken for granted; throws what the template throws. */
export type ProbeRender = (
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
  abilities: TemplateAbilities,
) => string;

const USER: ChatMessage = { role: "user", content: "zq-question" };
const TOOL: ToolDefinition = {
  name: "zq_tool",
  parameters: { type: "object", properties: { zq_key: { type: "string" } }, required: ["zq_key"] },
};
const CALLED: readonly ChatMessage[] = [
  USER,
  {
    role: "assistant",
    content: "",
    toolCalls: [{ id: "call_0123456789abcdef", name: TOOL.name, arguments: '{"zq_argument": "zq_value"}' }],
  },
  { role: "tool", toolCallId: "call_0123456789abcdef", name: TOOL.name, content: "zq-result" },
];

/**
 * Finds out what a template can take by rendering small conversations and looking for their words in the prompt: what
 * a template does is in what it writes, not in how its source looks. `knownFormat`: its tool calls can be read.
 */
export function probeAbilities(render: ProbeRender, knownFormat: boolean): TemplateAbilities {
  let abilities: TemplateAbilities = {
    system: true,
    tools: true,
    noTools: "null",
    content: "string",
    descriptions: "given",
    callArguments: "object",
    callIds: "any",
  };
  const writes = (
    messages: readonly ChatMessage[],
    tools: readonly ToolDefinition[],
    tried: TemplateAbilities,
    ...words: (string | RegExp)[]
  ) => {
    const prompt = attempted(() => render(messages, tools, tried));
    return prompt !== null && words.every((word) => (typeof word === "string" ? prompt.includes(word) : word.test(prompt)));
  };
  const bare = (["null", "empty"] as const).flatMap((noTools) =>
    (["string", "parts"] as const).map((content) => ({ ...abilities, noTools, content })),
  );
  abilities = bare.find((tried) => writes([USER], [], tried, USER.content)) ?? abilities;

  const system = writes([{ role: "system", content: "zq-system" }, USER], [], abilities, "zq-system", USER.content);
  const forms = (["given", "filled"] as const).flatMap((descriptions) =>
    (["object", "string"] as const).flatMap((callArguments) =>
      (["any", "short"] as const).map((callIds) => ({ ...abilities, descriptions, callArguments, callIds })),
    ),
  );
  const listed = (tried: TemplateAbilities) => writes([USER], [TOOL], tried, TOOL.name, "zq_key");
  // Arguments encoded twice over would show a backslash behind the key.
  const form = forms.find(
    (tried) => knownFormat && listed(tried) && writes(CALLED, [TOOL], tried, "zq-result", "zq_value", /zq_argument(?!\\)/),
  );
  return { ...abilities, ...form, system, tools: form !== undefined };
}

function attempted(render: () => string): string | null {
  try {
    return render();
  } catch (thrown) {
    if (thrown instanceof ArrieroError) return null;
    throw thrown;
  }
}

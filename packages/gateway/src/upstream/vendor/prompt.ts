import type { LanguageModelV3Message, LanguageModelV3Prompt } from "@ai-sdk/provider";
import type { ChatMessage } from "@arriero/spec";

/**
 * A conversation as the AI SDK's specification has it. Earlier reasoning is left out: a vendor takes back only thoughts
 * that it signed itself, and text of other models would be refused.
 */
export function vendorPrompt(messages: readonly ChatMessage[], prefill: string | undefined): LanguageModelV3Prompt {
  const names = callNames(messages);
  const prompt: LanguageModelV3Message[] = [];
  for (const message of messages) {
    const next = convert(message, names);
    const last = prompt.at(-1);
    // Answers of tools to one turn are one message: vendors refuse a turn that is answered in part.
    if (next.role === "tool" && last?.role === "tool") last.content.push(...next.content);
    else prompt.push(next);
  }
  if (prefill !== undefined) prompt.push({ role: "assistant", content: [{ type: "text", text: prefill }] });
  return prompt;
}

function convert(message: ChatMessage, names: ReadonlyMap<string, string>): LanguageModelV3Message {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: [{ type: "text", text: message.content }] };
    case "assistant": {
      const calls = (message.toolCalls ?? []).map(({ arguments: args, id, name }) => ({
        type: "tool-call" as const,
        toolCallId: id,
        toolName: name,
        input: parseArguments(args),
      }));
      // Vendors refuse empty texts beside calls.
      const text = message.content === "" && calls.length > 0 ? [] : [{ type: "text" as const, text: message.content }];
      return { role: "assistant", content: [...text, ...calls] };
    }
    case "tool": {
      const { content, name, toolCallId } = message;
      const toolName = name ?? names.get(toolCallId) ?? "tool";
      return { role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output: { type: "text", value: content } }] };
    }
    default:
      return message satisfies never;
  }
}

/** Call id -> name: some vendors know a tool's answer by its name. */
function callNames(messages: readonly ChatMessage[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap((message) => (message.role === "assistant" ? (message.toolCalls ?? []) : []));
  return new Map(calls.map(({ id, name }) => [id, name]));
}

/** The specification wants the value, not its text. What is no JSON was a call that went wrong: it stays a text. */
function parseArguments(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

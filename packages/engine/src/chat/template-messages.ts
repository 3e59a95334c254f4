import type { ChatMessage, ToolDefinition } from "@arriero/spec";
import { shortToolCallId } from "./tool-call-id.ts";
import { toolPreamble, writtenCall, writtenResult } from "./tools/tool-preamble.ts";

/** What a template can take; the rest is written into the text of the messages. */
export interface TemplateAbilities {
  readonly system: boolean;
  /** Tools, calls and results have a place of their own, in a format we can read. */
  readonly tools: boolean;
  /** What `tools` is when there are none: most templates want null, some a list to walk. */
  readonly noTools: "null" | "empty";
  /** Parts: content is a list of `{type: "text", text}`. */
  readonly content: "string" | "parts";
  /** `filled`: every tool and parameter has a description, if an empty one. */
  readonly descriptions: "given" | "filled";
  readonly callArguments: "object" | "string";
  /** `short`: ids of nine letters and digits. */
  readonly callIds: "any" | "short";
}

/** A message as chat templates know it. */
export type TemplateMessage = Readonly<Record<string, unknown>> & { readonly role: string };

/** The messages as this template can take them. Tools the template cannot take are described in the system text. */
export function templateMessages(
  messages: readonly ChatMessage[],
  tools: readonly ToolDefinition[],
  abilities: TemplateAbilities,
): TemplateMessage[] {
  const told = tools.length > 0 && !abilities.tools ? withPreamble(messages, toolPreamble(tools)) : messages;
  const spoken = abilities.tools ? told : withoutToolRoles(told);
  const folded = abilities.system ? spoken : withoutSystem(spoken);
  const names = new Map(
    messages.flatMap((message) =>
      (message.role === "assistant" ? (message.toolCalls ?? []) : []).map((call) => [call.id, call.name]),
    ),
  );
  return folded.map((message) => templateMessage(message, abilities, names));
}

function withPreamble(messages: readonly ChatMessage[], preamble: string): ChatMessage[] {
  const [first, ...rest] = messages;
  if (first?.role !== "system") return [{ role: "system", content: preamble }, ...messages];
  return [{ role: "system", content: joined(first.content, preamble) }, ...rest];
}

/** Calls written into the assistant's text, results into the user's; neighbouring results share one message. */
function withoutToolRoles(messages: readonly ChatMessage[]): ChatMessage[] {
  const written: ChatMessage[] = [];
  let results = false;
  for (const message of messages) {
    const last = written.at(-1);
    if (message.role === "tool") {
      const content = writtenResult(message.content);
      if (results && last !== undefined) written[written.length - 1] = { role: "user", content: `${last.content}\n${content}` };
      else written.push({ role: "user", content });
    } else if (message.role === "assistant") {
      const { toolCalls = [], ...kept } = message;
      written.push({
        ...kept,
        content: [message.content, ...toolCalls.map(writtenCall)].filter((text) => text !== "").join("\n"),
      });
    } else {
      written.push(message);
    }
    results = message.role === "tool";
  }
  return written;
}

/** System text goes to the head of the user message that follows it. */
function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const folded: ChatMessage[] = [];
  let system = "";
  for (const message of messages) {
    if (message.role === "system") {
      system = joined(system, message.content);
    } else if (message.role === "user" && system !== "") {
      folded.push({ ...message, content: joined(system, message.content) });
      system = "";
    } else {
      folded.push(message);
    }
  }
  if (system !== "") folded.push({ role: "user", content: system });
  return folded;
}

function templateMessage(
  message: ChatMessage,
  abilities: TemplateAbilities,
  names: ReadonlyMap<string, string>,
): TemplateMessage {
  const content = abilities.content === "string" ? message.content : [{ type: "text", text: message.content }];
  const callId = (id: string) => (abilities.callIds === "short" ? shortToolCallId(id) : id);
  switch (message.role) {
    case "system":
      return { role: "system", content };
    case "user":
      return { role: "user", content, ...(message.name === undefined ? {} : { name: message.name }) };
    case "tool":
      return {
        role: "tool",
        content,
        tool_call_id: callId(message.toolCallId),
        name: message.name ?? names.get(message.toolCallId) ?? "",
      };
    case "assistant": {
      const calls = (message.toolCalls ?? []).map((call) => ({
        id: callId(call.id),
        type: "function",
        function: {
          name: call.name,
          arguments: abilities.callArguments === "object" ? callArguments(call.arguments) : call.arguments,
        },
      }));
      return {
        role: "assistant",
        content,
        ...(message.reasoning === undefined ? {} : { reasoning_content: message.reasoning }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
    default:
      return message satisfies never;
  }
}

/** Arguments as the template's own filters write them; what is no JSON stays the text it is. */
function callArguments(text: string): unknown {
  try {
    return text.trim() === "" ? {} : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

function joined(first: string, second: string): string {
  return first === "" ? second : `${first}\n\n${second}`;
}

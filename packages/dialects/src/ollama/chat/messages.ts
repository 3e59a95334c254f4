import type { ChatMessage, ToolCall } from "@arriero/spec";
import { Fields, refusal } from "../../fields.ts";
import { refuseImages } from "../images.ts";

const MAX_MESSAGES = 20_000;
const MAX_CALLS = 128;
const MAX_CALL_ID = 128;
const MAX_CALL_NAME = 64;
const MAX_ARGUMENTS_LENGTH = 1024 * 1024;

const ROLES = ["system", "user", "assistant", "tool"] as const;

/** Calls that no tool message has answered yet. Ollama's clients leave ids out, so order and name tell which is meant. */
type Unanswered = { readonly id: string; readonly name: string }[];

/** None at all asks only that the model be loaded or unloaded. */
export function parseMessages(body: Fields): ChatMessage[] {
  const unanswered: Unanswered = [];
  const messages = body.list("messages", MAX_MESSAGES) ?? [];
  return messages.map((each, i) => parseMessage(Fields.of(each, `messages[${i}]`), i, unanswered));
}

function parseMessage(message: Fields, position: number, unanswered: Unanswered): ChatMessage {
  refuseImages(message);
  const role = message.oneOf("role", ROLES);
  const content = message.string("content") ?? "";
  switch (role) {
    case undefined:
      throw refusal(message.at("role"), `one of ${ROLES.join(", ")}`, undefined);
    case "system":
    case "user":
      return { role, content };
    case "assistant": {
      const reasoning = message.string("thinking");
      const toolCalls = parseToolCalls(message, position);
      unanswered.push(...toolCalls.map(({ id, name }) => ({ id, name })));
      return {
        role,
        content,
        ...(reasoning === undefined || reasoning === "" ? {} : { reasoning }),
        ...(toolCalls.length === 0 ? {} : { toolCalls }),
      };
    }
    case "tool": {
      const name = message.string("tool_name", MAX_CALL_NAME) ?? message.string("name", MAX_CALL_NAME);
      const given = message.string("tool_call_id", MAX_CALL_ID);
      const toolCallId = answeredCall(unanswered, given, name) ?? `call_${position}`;
      return { role, content, toolCallId, ...(name === undefined ? {} : { name }) };
    }
    default:
      return role satisfies never;
  }
}

function answeredCall(unanswered: Unanswered, id: string | undefined, name: string | undefined): string | undefined {
  const given = id === "" ? undefined : id;
  const fits = ({ id: own, name: called }: Unanswered[number]): boolean =>
    given === undefined ? name === undefined || called === name : own === given;
  const at = unanswered.findIndex(fits);
  if (at === -1) return given;
  return unanswered.splice(at, 1)[0]?.id;
}

function parseToolCalls(message: Fields, position: number): ToolCall[] {
  const calls = message.list("tool_calls", MAX_CALLS) ?? [];
  return calls.map((each, i) => {
    const call = Fields.of(each, `${message.at("tool_calls")}[${i}]`);
    const called = Fields.of(call.raw("function"), call.at("function"));
    return {
      id: call.string("id", MAX_CALL_ID) || `call_${position}_${i}`,
      name: called.requiredString("name", MAX_CALL_NAME),
      arguments: parseArguments(called),
    };
  });
}

/** An object; some clients send back the text of one. */
function parseArguments(called: Fields): string {
  const value = called.raw("arguments");
  if (typeof value === "string") return called.string("arguments", MAX_ARGUMENTS_LENGTH) ?? "{}";
  return JSON.stringify(called.json("arguments") ?? {});
}

import type { ChatMessage, ToolCall } from "@arriero/spec";
import { Fields, listAt, refusal, stringAt, unsupported } from "../../fields.ts";

const MAX_MESSAGES = 20_000;
const MAX_PARTS = 1024;
const MAX_CALLS = 128;
const MAX_CALL_ID = 128;
const MAX_CALL_NAME = 64;

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"] as const;

export function parseMessages(fields: Fields): ChatMessage[] {
  const messages = fields.list("messages", MAX_MESSAGES);
  if (messages === undefined || messages.length === 0) {
    throw refusal("messages", "an array of at least one message", messages);
  }
  return messages.map((each, i) => parseMessage(Fields.of(each, `messages[${i}]`)));
}

function parseMessage(message: Fields): ChatMessage {
  const role = message.oneOf("role", ROLES);
  switch (role) {
    case undefined:
      throw refusal(message.at("role"), `one of ${ROLES.join(", ")}`, undefined);
    case "system":
    case "developer":
      return { role: "system", content: requiredContent(message) };
    case "user": {
      const name = message.string("name");
      return { role, content: requiredContent(message), ...(name === undefined ? {} : { name }) };
    }
    case "assistant":
      return parseAssistant(message);
    case "tool": {
      const name = message.string("name");
      const toolCallId = message.requiredString("tool_call_id", MAX_CALL_ID);
      return { role, content: requiredContent(message), toolCallId, ...(name === undefined ? {} : { name }) };
    }
    case "function": {
      const name = message.requiredString("name", MAX_CALL_NAME);
      return { role: "tool", content: content(message) ?? "", toolCallId: legacyCallId(name), name };
    }
    default:
      return role satisfies never;
  }
}

function parseAssistant(message: Fields): ChatMessage {
  const reasoning = message.string("reasoning_content") ?? message.string("reasoning");
  const toolCalls = [...parseToolCalls(message), ...parseLegacyCall(message)];
  return {
    role: "assistant",
    content: content(message) ?? "",
    ...(reasoning === undefined || reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
}

function parseToolCalls(message: Fields): ToolCall[] {
  const calls = message.list("tool_calls", MAX_CALLS - 1) ?? [];
  return calls.map((each, i) => {
    const call = Fields.of(each, `${message.at("tool_calls")}[${i}]`);
    const type = call.string("type") ?? "function";
    if (type !== "function") throw unsupported(call.at("type"), "Only tool calls of type function are supported.");
    const called = Fields.of(call.raw("function"), call.at("function"));
    return {
      id: call.requiredString("id", MAX_CALL_ID),
      name: called.requiredString("name", MAX_CALL_NAME),
      arguments: called.string("arguments") ?? "",
    };
  });
}

/** `function_call`, from before tools: one call, answered by the `function` message of the same name. */
function parseLegacyCall(message: Fields): ToolCall[] {
  const call = message.fields("function_call");
  if (call === undefined) return [];
  const name = call.requiredString("name", MAX_CALL_NAME);
  return [{ id: legacyCallId(name), name, arguments: call.string("arguments") ?? "" }];
}

function legacyCallId(name: string): string {
  return `function_${name}`;
}

function requiredContent(message: Fields): string {
  const text = content(message);
  if (text === undefined) throw refusal(message.at("content"), "a string or an array of text parts", undefined);
  return text;
}

function content(message: Fields): string | undefined {
  return textAt(message, "content");
}

/** Text parts are joined by newlines, as the templates of text-only models expect one string. */
export function textAt(fields: Fields, key: string): string | undefined {
  const value = fields.raw(key);
  if (value === undefined || typeof value === "string") return value;
  const path = fields.at(key);
  if (!Array.isArray(value)) throw refusal(path, "a string or an array of text parts", value);
  return listAt(value, path, MAX_PARTS)
    .map((part, i) => partText(part, `${path}[${i}]`))
    .join("\n");
}

function partText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  const part = Fields.of(value, path);
  const type = stringAt(part.raw("type"), part.at("type"));
  switch (type) {
    case "text":
    case "input_text":
    case "output_text":
      return stringAt(part.raw("text"), part.at("text"));
    case "refusal":
      return stringAt(part.raw("refusal"), part.at("refusal"));
    default:
      throw unsupported(path, `${path} is a part of type ${JSON.stringify(type.slice(0, 48))}; only text parts are supported.`);
  }
}

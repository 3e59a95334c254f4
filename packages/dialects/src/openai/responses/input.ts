import type { ChatMessage, ToolCall } from "@arriero/spec";
import { Fields, listAt, refusal, stringAt, unsupported } from "../../fields.ts";
import { textAt } from "../chat/messages.ts";

const MAX_ITEMS = 20_000;
const MAX_PARTS = 1024;
const MAX_CALLS = 128;
const MAX_CALL_ID = 128;
const MAX_CALL_NAME = 64;

const ROLES = ["system", "developer", "user", "assistant"] as const;

type AssistantMessage = Extract<ChatMessage, { role: "assistant" }>;

/** `instructions` and `input` as a conversation. An assistant's reasoning, text and calls are items here and one turn there. */
export function parseInput(fields: Fields): ChatMessage[] {
  const instructions = fields.string("instructions");
  const opening: ChatMessage[] = instructions === undefined ? [] : [{ role: "system", content: instructions }];
  const value = fields.raw("input");
  if (typeof value === "string") return [...opening, { role: "user", content: value }];
  if (!Array.isArray(value) || value.length === 0) throw refusal("input", "a string, or an array that is not empty", value);
  const messages = opening;
  for (const [i, each] of listAt(value, "input", MAX_ITEMS).entries()) addItem(messages, Fields.of(each, `input[${i}]`));
  return messages;
}

function addItem(messages: ChatMessage[], item: Fields): void {
  const type = item.raw("type") === undefined ? "message" : stringAt(item.raw("type"), item.at("type"));
  switch (type) {
    case "message":
      addMessage(messages, item);
      return;
    case "function_call":
      addCall(messages, item);
      return;
    case "function_call_output": {
      const content = textAt(item, "output");
      if (content === undefined) throw refusal(item.at("output"), "a string or an array of text parts", undefined);
      messages.push({ role: "tool", content, toolCallId: item.requiredString("call_id", MAX_CALL_ID) });
      return;
    }
    case "reasoning": {
      const reasoning = reasoningText(item);
      if (reasoning !== "") messages.push({ role: "assistant", content: "", reasoning });
      return;
    }
    case "item_reference":
      throw unsupported(item.path, `${item.path} refers to a stored item; nothing is stored here, so send the item itself.`);
    default:
      throw unsupported(item.at("type"), `${item.path} is of type ${JSON.stringify(type.slice(0, 48))}, which is not supported.`);
  }
}

function addMessage(messages: ChatMessage[], item: Fields): void {
  const role = item.oneOf("role", ROLES);
  if (role === undefined) throw refusal(item.at("role"), `one of ${ROLES.join(", ")}`, undefined);
  const content = textAt(item, "content");
  if (content === undefined) throw refusal(item.at("content"), "a string or an array of text parts", undefined);
  if (role === "user") messages.push({ role, content });
  else if (role !== "assistant") messages.push({ role: "system", content });
  else {
    const turn = openTurn(messages);
    if (turn !== null && turn.content === "" && turn.toolCalls === undefined)
      messages[messages.length - 1] = { ...turn, content };
    else messages.push({ role, content });
  }
}

function addCall(messages: ChatMessage[], item: Fields): void {
  const call: ToolCall = {
    id: item.requiredString("call_id", MAX_CALL_ID),
    name: item.requiredString("name", MAX_CALL_NAME),
    arguments: item.string("arguments") ?? "",
  };
  const turn = openTurn(messages);
  const calls = turn?.toolCalls ?? [];
  if (turn === null || calls.length >= MAX_CALLS) messages.push({ role: "assistant", content: "", toolCalls: [call] });
  else messages[messages.length - 1] = { ...turn, toolCalls: [...calls, call] };
}

/** The assistant's turn that the next item may belong to. */
function openTurn(messages: readonly ChatMessage[]): AssistantMessage | null {
  const last = messages.at(-1);
  return last?.role === "assistant" ? last : null;
}

function reasoningText(item: Fields): string {
  const parts = item.list("content", MAX_PARTS) ?? [];
  return parts
    .map((each, i) => {
      const part = Fields.of(each, `${item.at("content")}[${i}]`);
      return stringAt(part.raw("text"), part.at("text"));
    })
    .join("\n");
}

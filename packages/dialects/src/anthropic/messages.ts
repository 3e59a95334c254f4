import { ArrieroError, type ChatMessage } from "@arriero/spec";
import { Fields, listAt, refusal, unsupported } from "../fields.ts";
import { parseAssistant } from "./assistant-turn.ts";
import { joinedText } from "./text-blocks.ts";
import { parseUser } from "./user-turn.ts";

const MAX_MESSAGES = 20_000;
/** Of one message; a turn may carry as many calls as an answer has. */
const MAX_CALLS = 128;
const ROLES = ["user", "assistant", "system"] as const;

export interface Conversation {
  readonly messages: ChatMessage[];
  /** The answer's beginning, which the model goes on with; null: it begins itself. */
  readonly prefill: string | null;
}

/**
 * `system` and `messages` as one conversation. A tool's result, part of a user turn here, is a message of its own; a last
 * message of the assistant's is the beginning of the answer.
 */
export function parseMessages(fields: Fields): Conversation {
  const listed = fields.list("messages", MAX_MESSAGES);
  if (listed === undefined || listed.length === 0) {
    throw refusal("messages", "an array of at least one message", listed);
  }
  const turns = listed.flatMap((each, i) => parseTurn(Fields.of(each, `messages[${i}]`)));
  const system = joinedText(fields.raw("system"), "system");
  const opening: ChatMessage[] = system === "" ? [] : [{ role: "system", content: system }];
  const messages = joinNeighbours([...opening, ...turns]);
  if (messages.length > MAX_MESSAGES)
    throw refusal("messages", `at most ${MAX_MESSAGES} messages, tool results counted`, messages);
  const last = messages.at(-1);
  if (last?.role !== "assistant") return { messages, prefill: null };
  return { messages: messages.slice(0, -1), prefill: prefillOf(last, messages.length - 1, `messages[${listed.length - 1}]`) };
}

/** @param before messages in front of it */
function prefillOf(turn: Extract<ChatMessage, { role: "assistant" }>, before: number, path: string): string {
  if (turn.toolCalls !== undefined) throw unsupported(path, `${path} ends with a tool call; its result has to follow.`);
  if (before === 0) throw refusal("messages", "an array with a message of the user", undefined);
  if (turn.content === "") throw refusal(`${path}.content`, "text to begin the answer with", undefined);
  if (turn.content === turn.content.trimEnd()) return turn.content;
  const message = `${path}.content begins the answer and must not end with whitespace.`;
  throw new ArrieroError("invalid_request", message, { param: `${path}.content` });
}

function parseTurn(message: Fields): ChatMessage[] {
  const role = message.oneOf("role", ROLES);
  const path = message.at("content");
  const content = message.raw("content");
  if (content === undefined) throw refusal(path, "a string or an array of content blocks", undefined);
  switch (role) {
    case undefined:
      throw refusal(message.at("role"), '"user" or "assistant"', undefined);
    case "system":
      return [{ role, content: joinedText(content, path) }];
    case "user":
      return typeof content === "string" ? [{ role, content }] : parseUser(blocksAt(content, path));
    case "assistant":
      return [typeof content === "string" ? { role, content } : parseAssistant(blocksAt(content, path))];
    default:
      return role satisfies never;
  }
}

const MAX_BLOCKS = 1024;

function blocksAt(content: unknown, path: string): Fields[] {
  if (!Array.isArray(content)) throw refusal(path, "a string or an array of content blocks", content);
  return listAt(content, path, MAX_BLOCKS).map((block, i) => Fields.of(block, `${path}[${i}]`));
}

/** Turns of one role in a row are one turn; many templates refuse them otherwise. */
function joinNeighbours(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last?.role === "user" && message.role === "user") {
      joined[joined.length - 1] = { role: "user", content: `${last.content}\n${message.content}` };
    } else if (last?.role === "assistant" && message.role === "assistant") {
      joined[joined.length - 1] = joinAssistant(last, message);
    } else {
      joined.push(message);
    }
  }
  return joined;
}

type AssistantMessage = Extract<ChatMessage, { role: "assistant" }>;

function joinAssistant(first: AssistantMessage, second: AssistantMessage): AssistantMessage {
  const reasoning = [first.reasoning, second.reasoning].filter((each) => each !== undefined).join("\n");
  const toolCalls = [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])];
  if (toolCalls.length > MAX_CALLS) {
    const message = `messages has ${toolCalls.length} tool calls in one turn of the assistant; there may be ${MAX_CALLS}.`;
    throw new ArrieroError("invalid_request", message, { param: "messages" });
  }
  return {
    role: "assistant",
    content: first.content + second.content,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
}

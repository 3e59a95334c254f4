import type { ChatMessage, ToolCall } from "@arriero/spec";
import { type Fields, refusal } from "../fields.ts";
import { blockText, blockType, refusedBlock } from "./text-blocks.ts";

const MAX_CALLS = 128;
const MAX_CALL_ID = 128;
const MAX_CALL_NAME = 64;

/** The blocks of an assistant turn. Texts are put together as they were parted: without anything between them. */
export function parseAssistant(blocks: readonly Fields[]): Extract<ChatMessage, { role: "assistant" }> {
  let content = "";
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const block of blocks) {
    const type = blockType(block);
    switch (type) {
      case "text":
        content += blockText(block);
        break;
      case "thinking":
        thoughts.push(block.string("thinking") ?? "");
        break;
      case "redacted_thinking":
        // Encrypted by whoever made it: no other model can read it.
        break;
      case "tool_use":
        if (toolCalls.length === MAX_CALLS) throw refusal(block.path, `one of at most ${MAX_CALLS} tool calls`, block);
        toolCalls.push(toolCall(block));
        break;
      default:
        throw refusedBlock(block, type);
    }
  }
  const reasoning = thoughts.join("\n");
  return {
    role: "assistant",
    content,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
}

function toolCall(block: Fields): ToolCall {
  return {
    id: block.requiredString("id", MAX_CALL_ID),
    name: block.requiredString("name", MAX_CALL_NAME),
    arguments: JSON.stringify(block.json("input") ?? {}),
  };
}

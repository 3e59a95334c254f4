import type { ChatMessage } from "@arriero/spec";
import type { Fields } from "../fields.ts";
import { blockText, blockType, joinedText, refusedBlock } from "./text-blocks.ts";

const MAX_CALL_ID = 128;

/** The blocks of a user turn in their order: each tool result a message of its own, texts between them joined. */
export function parseUser(blocks: readonly Fields[]): ChatMessage[] {
  if (blocks.length === 0) return [{ role: "user", content: "" }];
  const messages: ChatMessage[] = [];
  let texts: string[] = [];
  const endText = () => {
    if (texts.length > 0) messages.push({ role: "user", content: texts.join("\n") });
    texts = [];
  };
  for (const block of blocks) {
    const type = blockType(block);
    switch (type) {
      case "text":
        texts.push(blockText(block));
        break;
      case "tool_result":
        endText();
        messages.push(toolResult(block));
        break;
      default:
        throw refusedBlock(block, type);
    }
  }
  endText();
  return messages;
}

/** Templates have no place for `is_error`, so the text says it. */
function toolResult(block: Fields): ChatMessage {
  const toolCallId = block.requiredString("tool_use_id", MAX_CALL_ID);
  const content = joinedText(block.raw("content"), block.at("content"));
  const failed = block.boolean("is_error") ?? false;
  return { role: "tool", toolCallId, content: failed ? `Error: ${content}` : content };
}

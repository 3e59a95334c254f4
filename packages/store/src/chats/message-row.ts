import type { page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Row } from "../database/query.ts";

/** Of `arriero.messages m`: the columns of a message as it is shown, with its attachments by name. */
export const MESSAGE = sql.raw(`m.id, m.parent_id, m.role, m.state, m.text, m.reasoning, m.tool_calls, m.model, m.adapter,
  m.generation_id, m.finish_reason, m.usage, m.dropped, m.error, m.created_at,
  coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name, 'type', a.type, 'sizeBytes', a.size_bytes, 'kind', a.kind)
    order by a.position) from arriero.attachments a where a.message_id = m.id), '[]'::jsonb) as attachments`);

export function toMessage(row: Row): page.Message {
  return {
    id: row["id"] as string,
    parentId: row["parent_id"] as string | null,
    role: row["role"] as page.Message["role"],
    state: row["state"] as page.MessageState,
    text: row["text"] as string,
    reasoning: row["reasoning"] as string,
    toolCalls: row["tool_calls"] as page.Message["toolCalls"],
    attachments: row["attachments"] as page.Attachment[],
    createdAt: Number(row["created_at"]),
    model: row["model"] as string | null,
    adapter: row["adapter"] as string | null,
    generationId: row["generation_id"] as string | null,
    finishReason: row["finish_reason"] as page.Message["finishReason"],
    usage: row["usage"] as page.MessageUsage | null,
    dropped: row["dropped"] as page.Dropped | null,
    error: row["error"] as page.Message["error"],
  };
}

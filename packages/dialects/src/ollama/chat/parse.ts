import { Fields } from "../../fields.ts";
import type { ParseContext } from "../context.ts";
import { type ParsedGeneration, parseGeneration } from "../generation-fields.ts";
import { parseThink } from "../think.ts";
import { parseTools } from "../tools.ts";
import { parseMessages } from "./messages.ts";

/** POST /api/chat. Throws a 4xx ArrieroError whose `param` is the field at fault, as the caller wrote it. */
export function parseChat(body: unknown, context: ParseContext): ParsedGeneration {
  const fields = Fields.body(body);
  const messages = parseMessages(fields);
  const tools = parseTools(fields);
  const reasoning = parseThink(fields);
  if (messages.length === 0) return parseGeneration(fields, context, null);
  return parseGeneration(fields, context, {
    kind: "chat",
    messages,
    tools,
    toolChoice: { kind: "auto" },
    parallelToolCalls: true,
    ...(reasoning === undefined ? {} : { reasoning }),
  });
}

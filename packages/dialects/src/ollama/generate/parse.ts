import type { AskedGeneration, ChatMessage } from "@arriero/spec";
import { Fields, unsupported } from "../../fields.ts";
import type { ParseContext } from "../context.ts";
import { type ParsedGeneration, parseGeneration } from "../generation-fields.ts";
import { refuseImages } from "../images.ts";
import { parseThink } from "../think.ts";

const MAX_CONTEXT = 1_000_000;

/** POST /api/generate. Throws a 4xx ArrieroError whose `param` is the field at fault, as the caller wrote it. */
export function parseGenerate(body: unknown, context: ParseContext): ParsedGeneration {
  const fields = Fields.body(body);
  refuseImages(fields);
  refuseWhatChangesThePrompt(fields);
  return parseGeneration(fields, context, parseInput(fields));
}

/** `raw` is text as it stands; else the prompt is the user's turn of a conversation. */
function parseInput(fields: Fields): AskedGeneration["input"] | null {
  const text = fields.string("prompt") ?? "";
  const system = fields.string("system") ?? "";
  const reasoning = parseThink(fields);
  const raw = fields.boolean("raw") ?? false;
  if (text === "") return null;
  if (raw) return { kind: "text", text };
  const instruction: ChatMessage[] = system === "" ? [] : [{ role: "system", content: system }];
  return {
    kind: "chat",
    messages: [...instruction, { role: "user", content: text }],
    tools: [],
    toolChoice: { kind: "auto" },
    parallelToolCalls: true,
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

function refuseWhatChangesThePrompt(fields: Fields): void {
  if ((fields.string("suffix") ?? "") !== "") {
    throw unsupported("suffix", "Filling in before a suffix is not supported; leave suffix out.");
  }
  if ((fields.string("template") ?? "") !== "") {
    throw unsupported("template", "A template cannot be given with a request; set it with /api/create, or send raw text.");
  }
  if ((fields.list("context", MAX_CONTEXT) ?? []).length > 0) {
    throw unsupported("context", "The context of an earlier answer cannot be sent back; use /api/chat with the turns so far.");
  }
}

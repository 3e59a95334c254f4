import { ArrieroError, type GenerationEvent, type GenerationEventOf } from "@arriero/spec";
import { brokenOff } from "../frame-writer.ts";
import { type ContentBlock, NO_SIGNATURE } from "./content-block.ts";
import type { MessagePresentation } from "./parse.ts";
import { formatStop, type Stop } from "./stop-reason.ts";
import { type AnthropicUsage, formatUsage } from "./usage.ts";

export interface Message extends Stop {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly usage: AnthropicUsage;
}

/** A block as its events arrive; its size is bounded by the tokens asked for. */
type Draft =
  | { readonly type: "text" | "reasoning"; text: string }
  | { readonly type: "tool-call"; readonly index: number; readonly id: string; readonly name: string; json: string };

/** The whole answer. Throws the error that ended the events, or `replica_failed` when they just stop. */
export async function collectMessage(
  events: AsyncIterable<GenerationEvent>,
  presentation: MessagePresentation,
): Promise<Message> {
  const drafts: Draft[] = [];
  let finish: GenerationEventOf<"finish"> | null = null;
  for await (const event of events) {
    switch (event.type) {
      case "start":
        break;
      case "text":
      case "reasoning":
        extendText(drafts, event);
        break;
      case "tool-call":
        extendCall(drafts, event);
        break;
      case "finish":
        finish = event;
        break;
      case "usage":
        if (finish === null) throw brokenOff();
        return {
          id: presentation.id,
          type: "message",
          role: "assistant",
          model: presentation.model,
          content: drafts.map((draft) => formatBlock(draft, presentation)),
          ...formatStop(finish, event, presentation),
          usage: formatUsage(event),
        };
      case "error":
        throw ArrieroError.from(event.error);
      default:
        event satisfies never;
    }
  }
  throw brokenOff();
}

function extendText(drafts: Draft[], { text, type }: GenerationEventOf<"text" | "reasoning">): void {
  if (text === "") return;
  const last = drafts.at(-1);
  if (last !== undefined && last.type !== "tool-call" && last.type === type) last.text += text;
  else drafts.push({ type, text });
}

function extendCall(drafts: Draft[], event: GenerationEventOf<"tool-call">): void {
  const last = drafts.at(-1);
  if (last?.type === "tool-call" && last.index === event.index) last.json += event.arguments;
  else {
    const { id = "", index, name = "" } = event;
    drafts.push({ type: "tool-call", index, id, name, json: event.arguments });
  }
}

function formatBlock(draft: Draft, { thinking }: MessagePresentation): ContentBlock {
  switch (draft.type) {
    case "text":
      return { type: "text", text: draft.text };
    case "reasoning":
      return { type: "thinking", thinking: thinking === "shown" ? draft.text : "", signature: NO_SIGNATURE };
    case "tool-call":
      return { type: "tool_use", id: draft.id, name: draft.name, input: callInput(draft.json) };
    default:
      return draft satisfies never;
  }
}

/** Arguments that were cut short are no JSON; `stop_reason` says so, and the input is empty. */
function callInput(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

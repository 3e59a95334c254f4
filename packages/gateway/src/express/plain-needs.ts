import { RequestMarks } from "../affinity/prefix-affinity.ts";
import { outputTokens, type RoutingNeeds, tokensOf } from "../backends/routing-needs.ts";
import type { PlainChat } from "./plain-chat.ts";

const NEEDS: RoutingNeeds["needs"] = ["chat"];

/** What a plain chat asks of its backend; as `generationNeeds`. */
export function plainNeeds({ maxTokens, messages }: PlainChat): RoutingNeeds & { readonly marks: RequestMarks } {
  let promptTokens = 0;
  for (const { content } of messages) promptTokens += tokensOf(content);
  const input = { kind: "chat" as const, messages: [...messages], tools: [], toolChoice: AUTO, parallelToolCalls: true };
  const marks = new RequestMarks({ adapter: null, input }, promptTokens);
  return { class: "interactive", needs: NEEDS, adapter: null, promptTokens, outputTokens: outputTokens(maxTokens, 1), marks };
}

const AUTO = { kind: "auto" } as const;

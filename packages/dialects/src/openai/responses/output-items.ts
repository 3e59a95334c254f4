export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** An item of a response's output, as it grows. */
export type OutputItem =
  | { readonly kind: "message"; readonly id: string; text: string; status: ItemStatus }
  | { readonly kind: "reasoning"; readonly id: string; text: string; status: ItemStatus }
  | {
      readonly kind: "call";
      readonly id: string;
      readonly index: number;
      callId: string;
      name: string;
      text: string;
      status: ItemStatus;
    };

/** @param empty as it is announced, before it has any content */
export function formatItem(item: OutputItem, empty = false): Record<string, unknown> {
  const { id, status } = item;
  switch (item.kind) {
    case "message":
      return { id, type: "message", role: "assistant", status, content: empty ? [] : [formatPart(item)] };
    case "reasoning":
      return { id, type: "reasoning", status, summary: [], content: empty ? [] : [formatPart(item)] };
    case "call":
      return { id, type: "function_call", status, call_id: item.callId, name: item.name, arguments: empty ? "" : item.text };
    default:
      return item satisfies never;
  }
}

export function formatPart({ kind, text }: Exclude<OutputItem, { kind: "call" }>): Record<string, unknown> {
  return kind === "message" ? { type: "output_text", text, annotations: [], logprobs: [] } : { type: "reasoning_text", text };
}

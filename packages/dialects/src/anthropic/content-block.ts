/** What Anthropic's clients want of a thinking block, and send back: ours proves nothing and is not looked at. */
export const NO_SIGNATURE = "unsigned";

export type ContentBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown };

import { z } from "zod";

/** A tool the model may call. `parameters` is a JSON Schema object. */
export const ToolDefinition = z.object({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  /** Coding agents put whole manuals here. */
  description: z.string().max(65_536).optional(),
  parameters: z.record(z.string(), z.unknown()).default({ type: "object", properties: {} }),
});
export type ToolDefinition = z.infer<typeof ToolDefinition>;

/** A call the model made. `arguments` is the JSON text exactly as the model wrote it. */
export const ToolCall = z.object({
  id: z.string().max(128),
  name: z.string().max(64),
  arguments: z.string(),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** One turn of a conversation. Text only: parts are joined by the dialect. */
export const ChatMessage = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: z.string() }),
  z.object({ role: z.literal("user"), content: z.string(), name: z.string().optional() }),
  z.object({
    role: z.literal("assistant"),
    content: z.string(),
    reasoning: z.string().optional(),
    toolCalls: z.array(ToolCall).max(128).optional(),
  }),
  z.object({ role: z.literal("tool"), content: z.string(), toolCallId: z.string(), name: z.string().optional() }),
]);
export type ChatMessage = z.infer<typeof ChatMessage>;

/** `required`: at least one call; `tool`: exactly this tool. */
export const ToolChoice = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("auto") }),
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("required") }),
  z.object({ kind: z.literal("tool"), name: z.string() }),
]);
export type ToolChoice = z.infer<typeof ToolChoice>;

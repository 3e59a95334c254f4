import { z } from "zod";
import { ChatParameters } from "./conversations.ts";
import { endpoint } from "./endpoint.ts";
import { Message } from "./messages.ts";
import { Id, Instant, PageQuery, pageOf } from "./shapes.ts";

/** A branch as it was when it was shared: what is said later is not in it. `anyone`: without signing in. */
export const Share = z.object({
  id: Id,
  conversationId: Id,
  title: z.string(),
  audience: z.enum(["organisation", "anyone"]),
  /** The page's path. */
  path: z.string(),
  createdAt: Instant,
});
export type Share = z.infer<typeof Share>;

export const SharedView = z.object({
  title: z.string(),
  by: z.string(),
  createdAt: Instant,
  messages: z.array(
    Message.pick({ id: true, role: true, text: true, reasoning: true, model: true, adapter: true, createdAt: true }),
  ),
});
export type SharedView = z.infer<typeof SharedView>;

/** One conversation in an export. Attachments are named, their bytes are not in it. */
export const ExportedConversation = z.object({
  title: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  model: z.string().nullable().default(null),
  adapter: z.string().nullable().default(null),
  system: z.string().default(""),
  parameters: ChatParameters.default({}),
  leafId: z.string().nullable().default(null),
  messages: z
    .array(
      z.object({
        id: z.string().max(64),
        parentId: z.string().max(64).nullable(),
        role: z.enum(["user", "assistant"]),
        text: z.string(),
        reasoning: z.string().default(""),
        model: z.string().nullable().default(null),
        adapter: z.string().nullable().default(null),
        createdAt: Instant,
        attachments: z.array(z.string()).default([]),
      }),
    )
    .max(20_000),
});
export type ExportedConversation = z.infer<typeof ExportedConversation>;

export const Exported = z.object({
  format: z.literal("arriero-chats-1"),
  conversations: z.array(ExportedConversation).max(10_000),
});
export type Exported = z.infer<typeof Exported>;

export const sharingEndpoints = {
  listShares: endpoint("GET /api/shares", "member", { query: PageQuery, answer: pageOf(Share), about: "one's share links" }),
  createShare: endpoint("POST /api/shares", "member", {
    body: z.object({ conversationId: Id, audience: Share.shape.audience.default("organisation") }),
    answer: Share,
    about: "shares the branch shown",
  }),
  deleteShare: endpoint("DELETE /api/shares/{id}", "member", { about: "takes a link back" }),
  readShared: endpoint("GET /api/shared/{id}", "public", {
    answer: SharedView,
    about: "what was shared; 401 `unauthorized` without signing in, unless it is for anyone",
  }),
  exportChats: endpoint("GET /api/export", "member", {
    query: z.object({ conversation: Id.optional(), format: z.enum(["json", "markdown"]).default("json") }),
    about: "one's conversations as a file: JSON of `Exported`, or one of them as Markdown",
  }),
  importChats: endpoint("POST /api/import", "member", {
    body: Exported,
    answer: z.object({ conversations: z.int(), messages: z.int() }),
    about: "takes up what was exported, here or elsewhere; ids are made anew",
  }),
};

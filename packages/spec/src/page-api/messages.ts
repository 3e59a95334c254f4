import { z } from "zod";
import { ToolCall } from "../chat-message.ts";
import { ChatParameters } from "./conversations.ts";
import { endpoint } from "./endpoint.ts";
import { Id, Instant, PageQuery, pageOf } from "./shapes.ts";

export const LONGEST_MESSAGE = 1_000_000;
export const MOST_ATTACHMENTS = 16;

/** A file beside a message; its bytes are got by its id alone. */
export const Attachment = z.object({
  id: Id,
  name: z.string(),
  /** As found by the server from the bytes. */
  type: z.string(),
  sizeBytes: z.int(),
  /** `text` is given to the model as text, `image` where the model sees. */
  kind: z.enum(["text", "image"]),
});
export type Attachment = z.infer<typeof Attachment>;

/**
 * - `running`: a generation writes it; its text so far is in the row, what follows comes by the events
 * - `complete`, `stopped` (by a person), `failed` (see `error`)
 * - `interrupted`: the server went away; it can be continued from what was written
 */
export const MessageState = z.enum(["running", "complete", "stopped", "failed", "interrupted"]);
export type MessageState = z.infer<typeof MessageState>;

export const MessageUsage = z.object({
  promptTokens: z.int(),
  cachedTokens: z.int(),
  completionTokens: z.int(),
  reasoningTokens: z.int(),
  /** Millionths of the installation's currency. */
  costMicros: z.int(),
  /** Milliseconds to the first token, and from there to the last. null: not known. */
  ttftMs: z.number().nullable(),
  decodeMs: z.number().nullable(),
});
export type MessageUsage = z.infer<typeof MessageUsage>;

/** What was left out of the prompt since the context is full: everything before the message `keptFrom`. */
export const Dropped = z.object({ messages: z.int(), keptFrom: Id });
export type Dropped = z.infer<typeof Dropped>;

export const Message = z.object({
  id: Id,
  /** The message it follows; null: the first of a branch. Siblings are versions of each other. */
  parentId: Id.nullable(),
  role: z.enum(["user", "assistant"]),
  state: MessageState,
  text: z.string(),
  reasoning: z.string(),
  toolCalls: z.array(ToolCall),
  attachments: z.array(Attachment),
  createdAt: Instant,
  /** Of an answer. */
  model: z.string().nullable(),
  adapter: z.string().nullable(),
  generationId: Id.nullable(),
  finishReason: z.enum(["stop", "length", "tool-calls", "cancelled"]).nullable(),
  usage: MessageUsage.nullable(),
  dropped: Dropped.nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
});
export type Message = z.infer<typeof Message>;

/** The message's id, so that a question sent twice is one question. Absent: the server makes one. */
const OwnId = Id.min(16).optional();

const AnswerChoices = {
  model: z.string().min(1).max(256).nullable().optional(),
  adapter: z.string().min(1).max(256).nullable().optional(),
  parameters: ChatParameters.optional(),
};

export const NewMessage = z.object({
  id: OwnId,
  /**
   * What it follows. Edit: the same parent as the message that is edited. Absent: the leaf of the branch shown;
   * null: a first message.
   */
  parentId: Id.nullable().optional(),
  text: z.string().max(LONGEST_MESSAGE),
  attachments: z.array(Id).max(MOST_ATTACHMENTS).default([]),
  ...AnswerChoices,
});
export type NewMessage = z.infer<typeof NewMessage>;

export const Started = z.object({ generationId: Id, question: Message, answer: Message });
export type Started = z.infer<typeof Started>;

/**
 * The SSE of a generation: `event:` is `type`, `id:` the position in its log. On (re)connecting with `Last-Event-ID` it goes
 * on behind that; without, or where the log has been put away, it begins with a `snapshot`, which replaces what the page has.
 * After `end` the server closes, and the page must not connect again.
 */
export const GenerationUpdate = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("snapshot"),
    messageId: Id,
    text: z.string(),
    reasoning: z.string(),
    toolCalls: z.array(ToolCall),
    dropped: Dropped.nullable(),
  }),
  /** The model has begun to read or to write. */
  z.object({
    type: z.literal("begin"),
    model: z.string(),
    adapter: z.string().nullable(),
    promptTokens: z.int(),
    cachedTokens: z.int(),
    dropped: Dropped.nullable(),
  }),
  /** To be put behind what there is. */
  z.object({
    type: z.literal("delta"),
    text: z.string().optional(),
    reasoning: z.string().optional(),
    toolCalls: z
      .array(z.object({ index: z.int(), id: z.string().optional(), name: z.string().optional(), arguments: z.string() }))
      .optional(),
  }),
  /** The server that wrote it went away, and this one goes on. Nothing to do but to say so. */
  z.object({ type: z.literal("continued") }),
  /** The whole message as it is kept now. */
  z.object({ type: z.literal("end"), message: Message }),
]);
export type GenerationUpdate = z.infer<typeof GenerationUpdate>;

export const messageEndpoints = {
  listMessages: endpoint("GET /api/conversations/{id}/messages", "member", {
    query: PageQuery.extend({
      /** Of the branch that ends here, newest first. Absent: of the branch shown. */
      leaf: Id.optional(),
    }),
    answer: pageOf(Message.extend({ siblings: z.array(Id) })),
    about: "one branch from its leaf up, newest first; each with the ids of its versions",
  }),
  sendMessage: endpoint("POST /api/conversations/{id}/messages", "member", {
    body: NewMessage,
    answer: Started,
    about: "puts a question and starts its answer; sent again with the same id it answers the same",
  }),
  retryMessage: endpoint("POST /api/messages/{id}/retry", "member", {
    body: z.object(AnswerChoices),
    answer: Started,
    about: "another answer beside this one",
  }),
  branchLeaf: endpoint("GET /api/messages/{id}/leaf", "member", {
    answer: z.object({ leafId: Id }),
    about: "the latest message below this one: what a branch picker shows next",
  }),
  watchGeneration: endpoint("GET /api/generations/{id}/events", "member", {
    about: "SSE of `GenerationUpdate`",
  }),
  stopGeneration: endpoint("POST /api/generations/{id}/stop", "member", {
    about: "ends it where it stands; the text so far is kept",
  }),
  continueGeneration: endpoint("POST /api/generations/{id}/continue", "member", {
    answer: Started,
    about: "goes on with an interrupted, failed, stopped or too short answer, in the same message",
  }),
  uploadAttachment: endpoint("POST /api/attachments", "member", {
    query: z.object({ name: z.string().trim().min(1).max(255) }),
    answer: Attachment,
    about: "takes a file: the bytes are the body, of type application/octet-stream",
  }),
  readAttachment: endpoint("GET /api/attachments/{id}", "member", {
    about: "its bytes, under a Content-Security-Policy that lets nothing in them run",
  }),
};

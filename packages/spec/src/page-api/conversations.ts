import { z } from "zod";
import { Sampling } from "../generation-request.ts";
import { endpoint } from "./endpoint.ts";
import { Flag, Id, Instant, PageQuery, pageOf, Title } from "./shapes.ts";

const LONGEST_SYSTEM = 200_000;

/** How a conversation's answers are drawn; what is not named is the model's own default. */
export const ChatParameters = z
  .object({
    temperature: Sampling.shape.temperature.unwrap(),
    topK: Sampling.shape.topK.unwrap(),
    topP: Sampling.shape.topP.unwrap(),
    minP: Sampling.shape.minP.unwrap(),
    repeatPenalty: Sampling.shape.repeatPenalty.unwrap(),
    frequencyPenalty: Sampling.shape.frequencyPenalty.unwrap(),
    presencePenalty: Sampling.shape.presencePenalty.unwrap(),
    seed: Sampling.shape.seed,
    maxTokens: z.int().min(1).max(1_000_000),
    stop: z.array(z.string().min(1).max(256)).max(16),
    reasoning: z.boolean(),
  })
  .partial();
export type ChatParameters = z.infer<typeof ChatParameters>;

/** As lists have it: nothing in it grows with the conversation. */
export const ConversationEntry = z.object({
  id: Id,
  title: z.string(),
  folderId: Id.nullable(),
  pinned: z.boolean(),
  archived: z.boolean(),
  /** null: the default. */
  model: z.string().nullable(),
  adapter: z.string().nullable(),
  createdAt: Instant,
  /** Of its last message. */
  updatedAt: Instant,
  /** A generation is running in it. */
  running: z.boolean(),
});
export type ConversationEntry = z.infer<typeof ConversationEntry>;

export const Conversation = ConversationEntry.extend({
  system: z.string(),
  parameters: ChatParameters,
  /** The last message of the branch that is shown; null: there is none yet. */
  leafId: Id.nullable(),
  messages: z.int(),
  /** Somebody else's, read by an admin where the organisation lets them. */
  owner: z.object({ id: Id, name: z.string() }),
});
export type Conversation = z.infer<typeof Conversation>;

const choices = {
  title: Title,
  folderId: Id.nullable(),
  model: z.string().min(1).max(256).nullable(),
  adapter: z.string().min(1).max(256).nullable(),
  system: z.string().max(LONGEST_SYSTEM),
  parameters: ChatParameters,
};

export const NewConversation = z.object({ ...choices, title: Title.nullable() }).partial();
export type NewConversation = z.infer<typeof NewConversation>;

export const ConversationChange = z.object({ ...choices, pinned: z.boolean(), archived: z.boolean(), leafId: Id }).partial();
export type ConversationChange = z.infer<typeof ConversationChange>;

export const Folder = z.object({ id: Id, name: z.string(), conversations: z.int() });
export type Folder = z.infer<typeof Folder>;

/** A prompt of the library. `shared`: seen by the whole organisation, changed by whoever made it. */
export const Prompt = z.object({
  id: Id,
  name: z.string(),
  text: z.string(),
  shared: z.boolean(),
  own: z.boolean(),
  updatedAt: Instant,
});
export type Prompt = z.infer<typeof Prompt>;

const NewPrompt = z.object({ name: Title, text: z.string().min(1).max(100_000), shared: z.boolean().default(false) });

export const SearchHit = z.object({
  conversationId: Id,
  title: z.string(),
  /** null: the title was found. */
  messageId: Id.nullable(),
  /** Pieces of the text around what was found; `hit` marks what was. Text, never markup. */
  excerpt: z.array(z.object({ text: z.string(), hit: z.boolean() })),
  at: Instant,
});
export type SearchHit = z.infer<typeof SearchHit>;

export const conversationEndpoints = {
  listConversations: endpoint("GET /api/conversations", "member", {
    query: PageQuery.extend({ folder: Id.optional(), pinned: Flag.optional(), archived: Flag.default(false) }),
    answer: pageOf(ConversationEntry),
    about: "one's conversations, latest first, without messages",
  }),
  createConversation: endpoint("POST /api/conversations", "member", {
    body: NewConversation,
    answer: Conversation,
    about: "begins one; without a title it takes its first message's beginning",
  }),
  readConversation: endpoint("GET /api/conversations/{id}", "member", { answer: Conversation, about: "one of them" }),
  changeConversation: endpoint("PATCH /api/conversations/{id}", "member", {
    body: ConversationChange,
    answer: Conversation,
    about: "renames, pins, archives, moves; its model, system prompt and parameters; the branch shown",
  }),
  deleteConversation: endpoint("DELETE /api/conversations/{id}", "member", {
    about: "deletes it with its messages, attachments and shares",
  }),
  listFolders: endpoint("GET /api/folders", "member", {
    answer: z.object({ entries: z.array(Folder) }),
    about: "one's folders by name",
  }),
  createFolder: endpoint("POST /api/folders", "member", { body: z.object({ name: Title }), answer: Folder, about: "a new one" }),
  renameFolder: endpoint("PATCH /api/folders/{id}", "member", {
    body: z.object({ name: Title }),
    answer: Folder,
    about: "another name",
  }),
  deleteFolder: endpoint("DELETE /api/folders/{id}", "member", { about: "its conversations stay, outside" }),
  listPrompts: endpoint("GET /api/prompts", "member", {
    query: PageQuery,
    answer: pageOf(Prompt),
    about: "one's prompts, and those shared in the organisation",
  }),
  createPrompt: endpoint("POST /api/prompts", "member", { body: NewPrompt, answer: Prompt, about: "a new one" }),
  changePrompt: endpoint("PATCH /api/prompts/{id}", "member", {
    body: z.object({ name: Title, text: NewPrompt.shape.text, shared: z.boolean() }).partial(),
    answer: Prompt,
    about: "changes one of one's own",
  }),
  deletePrompt: endpoint("DELETE /api/prompts/{id}", "member", { about: "deletes one of one's own" }),
  search: endpoint("GET /api/search", "member", {
    query: PageQuery.extend({ q: z.string().trim().min(1).max(400) }),
    answer: pageOf(SearchHit),
    about: "full text over titles and messages, latest first",
  }),
};

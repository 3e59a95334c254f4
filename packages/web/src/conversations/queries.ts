import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type AnswerOf, ask } from "../server/ask.ts";

export type ConversationEntry = AnswerOf<"listConversations">["entries"][number];
export type Conversation = AnswerOf<"readConversation">;

export const CONVERSATIONS = ["conversations"] as const;
export const FOLDERS = ["folders"] as const;

/** `pinned` and `archived` are lists of their own; `folder` narrows to one. */
export interface Shelf {
  folder?: string;
  pinned?: boolean;
  archived?: boolean;
}

export const conversationsOf = (shelf: Shelf) =>
  infiniteQueryOptions({
    queryKey: [...CONVERSATIONS, shelf],
    queryFn: ({ pageParam, signal }) => ask("listConversations", { query: { ...shelf, limit: 100, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

export const foldersQuery = queryOptions({ queryKey: FOLDERS, queryFn: ({ signal }) => ask("listFolders", { signal }) });

export const conversationKey = (id: string) => ["conversation", id] as const;

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: conversationKey(id),
    queryFn: ({ signal }) => ask("readConversation", { path: { id }, signal }),
  });

export const branchKey = (id: string) => ["branch", id] as const;

/** A screen or two of messages: a long conversation opens with its end. `public/ahead.js` asks for as many. */
const FIRST_MESSAGES = 20;
const EARLIER_MESSAGES = 50;

/** The branch that is shown, newest page first. */
export const branchQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: branchKey(id),
    queryFn: ({ pageParam, signal }) => {
      const limit = pageParam === null ? FIRST_MESSAGES : EARLIER_MESSAGES;
      return ask("listMessages", { path: { id }, query: { limit, cursor: pageParam }, signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

import { infiniteQueryOptions } from "@tanstack/react-query";
import { type AnswerOf, ask } from "../server/ask.ts";

export type Prompt = AnswerOf<"listPrompts">["entries"][number];
export const PROMPTS = ["prompts"] as const;

export const promptsQuery = infiniteQueryOptions({
  queryKey: PROMPTS,
  queryFn: ({ pageParam, signal }) => ask("listPrompts", { query: { limit: 100, cursor: pageParam }, signal }),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next,
});

import type { page } from "@arriero/spec";
import type { InfiniteData } from "@tanstack/react-query";
import type { AnswerOf } from "../server/ask.ts";

type Page = AnswerOf<"listMessages">;
/** A message of the branch that is shown, with the ids of its versions. */
export type BranchMessage = Page["entries"][number];
/** The branch as it was fetched: pages from the newest message up. */
export type BranchPages = InfiniteData<Page>;

/** Oldest first, as one reads. */
export const inOrder = (pages: BranchPages): BranchMessage[] => pages.pages.flatMap((one) => one.entries).reverse();

const entriesOf = (pages: BranchPages | undefined) => pages?.pages.flatMap((one) => one.entries) ?? [];

function rebuilt(pages: BranchPages | undefined, entries: BranchMessage[]): BranchPages {
  const next = pages?.pages.at(-1)?.next ?? null;
  return { pages: [{ entries, next }], pageParams: [null] };
}

const versionsWith = (siblings: readonly string[] | undefined, id: string): string[] => [
  ...(siblings ?? []).filter((one) => one !== id),
  id,
];

/**
 * The branch once `started` goes on from it. A new question stands behind its parent, an edited one beside the message
 * with the same parent; another answer stands beside the one it replaces; what followed those is another branch now.
 */
export function withStarted(pages: BranchPages | undefined, started: page.Started): BranchPages {
  const entries = entriesOf(pages);
  const { question, answer } = started;
  const known = entries.find((one) => one.id === question.id);
  const beside = (message: page.Message) =>
    entries.find((one) => one.parentId === message.parentId && one.role === message.role)?.siblings;
  const at = entries.findIndex((one) => one.id === question.parentId);
  const kept = question.parentId === null ? [] : at < 0 ? entries : entries.slice(at);
  return rebuilt(pages, [
    { ...answer, siblings: versionsWith(beside(answer), answer.id) },
    { ...question, siblings: known?.siblings ?? versionsWith(beside(question), question.id) },
    ...kept,
  ]);
}

/** The branch with a message as it is now; its versions stay known. */
export function withMessage(pages: BranchPages | undefined, message: page.Message): BranchPages | undefined {
  if (!pages) return pages;
  return {
    ...pages,
    pages: pages.pages.map((one) => ({
      ...one,
      entries: one.entries.map((entry) => (entry.id === message.id ? { ...message, siblings: entry.siblings } : entry)),
    })),
  };
}

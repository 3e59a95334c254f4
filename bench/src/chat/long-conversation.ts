import type { Page } from "playwright-core";
import { api } from "./browser.ts";
import { answerText } from "./texts.ts";

export const LONG_TITLE = "The long way";
/** Of the last answer: when it is drawn, the conversation is open. */
export const lastWords = (messages: number): string => `Answer ${messages - 1}.`;

/** Puts a conversation of so many messages into the store, by the page's own import. Its id. */
export async function importLong(page: Page, messages: number): Promise<string> {
  const began = Date.now() - messages * 60_000;
  const conversation = {
    title: LONG_TITLE,
    createdAt: began,
    updatedAt: began + messages * 60_000,
    leafId: `m${messages - 1}`,
    messages: Array.from({ length: messages }, (_, at) => ({
      id: `m${at}`,
      parentId: at === 0 ? null : `m${at - 1}`,
      role: at % 2 === 0 ? "user" : "assistant",
      text: at % 2 === 0 ? `Question ${at}: how do we go on from here, with what we have left?` : answerText(at),
      createdAt: began + at * 60_000,
    })),
  };
  await api(page, "POST", "/api/import", { format: "arriero-chats-1", conversations: [conversation] });
  const { entries } = await api<{ entries: { id: string; title: string }[] }>(page, "GET", "/api/conversations?limit=10");
  const found = entries.find((entry) => entry.title === LONG_TITLE);
  if (found === undefined) throw new Error("the imported conversation is not listed");
  return found.id;
}

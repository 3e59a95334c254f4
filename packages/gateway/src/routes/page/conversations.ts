import { page } from "@arriero/spec";
import type { Accounts } from "../../accounts/accounts.ts";
import { ownerOf } from "../../accounts/person.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Route } from "../../http/route.ts";
import { pageRoute, personOf } from "./page-route.ts";

const { PAGE_API } = page;

/** Conversations, folders, prompts and search. Whose they are is asked in the store's queries. */
export function conversationRoutes({ accounts }: { readonly accounts: Accounts }): readonly Route[] {
  const owner = (exchange: Exchange) => ownerOf(personOf(exchange));
  return [
    pageRoute(PAGE_API.listConversations, async ({ exchange, query }) =>
      accounts.ask(({ conversations }) => conversations.list(owner(exchange), query)).then(listed),
    ),
    pageRoute(PAGE_API.createConversation, ({ body, exchange }) =>
      accounts.ask(({ conversations }) => conversations.create(owner(exchange), body)),
    ),
    pageRoute(PAGE_API.readConversation, ({ exchange, id }) =>
      accounts.ask(({ conversations }) => conversations.read(owner(exchange), id)),
    ),
    pageRoute(PAGE_API.changeConversation, ({ body, exchange, id }) =>
      accounts.ask(({ conversations }) => conversations.change(owner(exchange), id, body)),
    ),
    pageRoute(PAGE_API.deleteConversation, ({ exchange, id }) =>
      accounts.ask(({ conversations }) => conversations.delete(owner(exchange), id)),
    ),
    pageRoute(PAGE_API.listFolders, async ({ exchange }) => ({
      entries: await accounts.ask(({ library }) => library.folders(owner(exchange))),
    })),
    pageRoute(PAGE_API.createFolder, ({ body, exchange }) =>
      accounts.ask(({ library }) => library.createFolder(owner(exchange), body.name)),
    ),
    pageRoute(PAGE_API.renameFolder, ({ body, exchange, id }) =>
      accounts.ask(({ library }) => library.renameFolder(owner(exchange), id, body.name)),
    ),
    pageRoute(PAGE_API.deleteFolder, ({ exchange, id }) =>
      accounts.ask(({ library }) => library.deleteFolder(owner(exchange), id)),
    ),
    pageRoute(PAGE_API.listPrompts, ({ exchange, query }) =>
      accounts.ask(({ library }) => library.prompts(owner(exchange), query)).then(listed),
    ),
    pageRoute(PAGE_API.createPrompt, ({ body, exchange }) =>
      accounts.ask(({ library }) => library.createPrompt(owner(exchange), body)),
    ),
    pageRoute(PAGE_API.changePrompt, ({ body, exchange, id }) =>
      accounts.ask(({ library }) => library.changePrompt(owner(exchange), id, body)),
    ),
    pageRoute(PAGE_API.deletePrompt, ({ exchange, id }) =>
      accounts.ask(({ library }) => library.deletePrompt(owner(exchange), id)),
    ),
    pageRoute(PAGE_API.search, ({ exchange, query }) =>
      accounts.ask((pages) => pages.search(owner(exchange), query)).then(listed),
    ),
  ];
}

/** A page of the store as the declarations have it: an array of its own. */
export const listed = <T>({ entries, next }: { readonly entries: readonly T[]; readonly next: string | null }) => ({
  entries: [...entries],
  next,
});

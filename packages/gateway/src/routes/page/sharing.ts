import { page } from "@arriero/spec";
import type { Accounts } from "../../accounts/accounts.ts";
import { ownerOf } from "../../accounts/person.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Route } from "../../http/route.ts";
import { listed } from "./conversations.ts";
import { markdownOf } from "./markdown-export.ts";
import { pageRoute, personOf } from "./page-route.ts";

const { PAGE_API } = page;

/** Links to branches, and conversations as files. */
export function sharingRoutes({ accounts }: { readonly accounts: Accounts }): readonly Route[] {
  const owner = (exchange: Exchange) => ownerOf(personOf(exchange));
  return [
    pageRoute(PAGE_API.listShares, ({ exchange, query }) =>
      accounts.ask(({ shares }) => shares.list(owner(exchange), query)).then(listed),
    ),
    pageRoute(PAGE_API.createShare, async ({ body, exchange }) => {
      const person = personOf(exchange);
      return accounts.ask(async ({ audit, shares }) => {
        const share = await shares.create(ownerOf(person), body.conversationId, body.audience);
        const { organisationId } = ownerOf(person);
        await audit.note({
          organisationId,
          actor: person,
          action: "share.create",
          target: share.id,
          detail: { audience: share.audience },
        });
        return share;
      });
    }),
    pageRoute(PAGE_API.deleteShare, ({ exchange, id }) => accounts.ask(({ shares }) => shares.delete(owner(exchange), id))),
    pageRoute(PAGE_API.readShared, async ({ exchange, id }) => {
      const reader = await accounts.find(exchange.headers);
      return accounts.ask(({ shares }) => shares.read(reader === null ? null : ownerOf(reader), id));
    }),
    pageRoute(PAGE_API.exportChats, async ({ exchange, query }) => {
      const exported = await accounts.ask((pages) => pages.export(owner(exchange), query.conversation ?? null));
      const [name, type, text] =
        query.format === "json"
          ? ["arriero-chats.json", "application/json", JSON.stringify(exported)]
          : ["arriero-chats.md", "text/markdown; charset=utf-8", exported.conversations.map(markdownOf).join("\n\n")];
      exchange.sendBytes(200, Buffer.from(text), {
        "content-type": type,
        "content-disposition": `attachment; filename="${name}"`,
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
      });
    }),
    pageRoute(PAGE_API.importChats, ({ body, exchange }) => accounts.ask((pages) => pages.import(owner(exchange), body))),
  ];
}

import { page } from "@arriero/spec";
import type { Accounts } from "../../accounts/accounts.ts";
import { ownerOf } from "../../accounts/person.ts";
import type { GenerationDesk } from "../../chats/generation-desk.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Route } from "../../http/route.ts";
import { recognise } from "./attachment-type.ts";
import { pageRoute, personOf } from "./page-route.ts";

export interface MessageServices {
  readonly accounts: Accounts;
  readonly desk: GenerationDesk;
}

const { PAGE_API } = page;
const SSE = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };

/** Messages, the generations that write them, and files beside them. */
export function messageRoutes({ accounts, desk }: MessageServices): readonly Route[] {
  const owner = (exchange: Exchange) => ownerOf(personOf(exchange));
  return [
    pageRoute(PAGE_API.listMessages, async ({ exchange, id, query }) =>
      accounts.ask(({ messages }) => messages.branch(owner(exchange), id, query)),
    ),
    pageRoute(PAGE_API.sendMessage, ({ body, exchange, id }) => desk.ask(personOf(exchange), id, body)),
    pageRoute(PAGE_API.retryMessage, ({ body, exchange, id }) => desk.retry(personOf(exchange), id, body)),
    pageRoute(PAGE_API.branchLeaf, async ({ exchange, id }) => ({
      leafId: await accounts.ask(({ messages }) => messages.leafBelow(owner(exchange), id)),
    })),
    pageRoute(PAGE_API.watchGeneration, async ({ exchange, id }) => {
      const last = exchange.headers["last-event-id"];
      const after = typeof last === "string" && /^\d{1,15}$/.test(last) ? Number(last) : null;
      await exchange.sendFrames(desk.watch(owner(exchange), id, after, exchange.signal), SSE);
    }),
    pageRoute(PAGE_API.stopGeneration, ({ exchange, id }) => desk.stop(owner(exchange), id)),
    pageRoute(PAGE_API.continueGeneration, ({ exchange, id }) => desk.continue(personOf(exchange), id)),
    pageRoute(PAGE_API.uploadAttachment, async ({ exchange, query }) => {
      const bytes = await exchange.readBytes(MOST_FILE_BYTES);
      return accounts.ask(({ attachments }) =>
        attachments.create(owner(exchange), { name: query.name, bytes, ...recognise(bytes) }),
      );
    }),
    pageRoute(PAGE_API.readAttachment, async ({ exchange, id }) => {
      const { bytes, kind, name, type } = await accounts.ask(({ attachments }) => attachments.read(owner(exchange), id));
      exchange.sendBytes(200, bytes, {
        "content-type": type,
        // Whatever is in it, nothing of it runs under our origin.
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
        "content-disposition": `${kind === "image" ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", "%27")}`,
        "cache-control": "private, max-age=3600",
      });
    }),
  ];
}

const MOST_FILE_BYTES = 10 * 1024 * 1024;

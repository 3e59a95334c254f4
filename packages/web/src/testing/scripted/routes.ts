import type { IncomingMessage, ServerResponse } from "node:http";
import { ArrieroError, type page } from "@arriero/spec";
import type { RouteName } from "../../server/routes.ts";
import type { Account, World } from "./world.ts";

type Api = typeof page.PAGE_API;
interface Shape {
  readonly _zod: { readonly output: unknown };
}
type OutputOf<Schema> = Schema extends Shape ? Schema["_zod"]["output"] : undefined;

/** One request, its parts already checked by the declaration of its route. */
export interface Call<Name extends RouteName> {
  world: World;
  /** Signed in, except on public routes. */
  me: Account;
  path: Record<string, string>;
  query: OutputOf<Api[Name]["query"]>;
  body: OutputOf<Api[Name]["body"]>;
  request: IncomingMessage;
  response: ServerResponse;
}

type Awaitable<T> = T | Promise<T>;
/** A route that has no JSON answer writes its response itself, or gives nothing for 204. */
export type Handler<Name extends RouteName> = (call: Call<Name>) => Awaitable<OutputOf<Api[Name]["answer"]>>;
export type Handlers<Name extends RouteName = RouteName> = { [Key in Name]?: Handler<Key> };

export const notFound = (what: string) => new ArrieroError("not_found", `There is no ${what} here.`);

/** One page of a list that is all in memory; the cursor is a position. */
export function pageOf<T>(all: readonly T[], { cursor, limit }: { cursor?: string | undefined; limit: number }) {
  const from = cursor === undefined ? 0 : Number(cursor);
  const entries = all.slice(from, from + limit);
  return { entries, next: from + limit < all.length ? String(from + limit) : null };
}

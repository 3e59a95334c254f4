import type { page } from "@arriero/spec";
import { tellSessionEnd } from "../session/session-end.ts";
import { takeAhead } from "./ahead.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { ROUTES, type RouteName } from "./routes.ts";

type Api = typeof page.PAGE_API;
/** A schema by its types alone: the page trusts the server it came from, which checks what it takes. */
interface Shape {
  readonly _zod: { readonly input: unknown; readonly output: unknown };
}
type InputOf<Schema> = Schema extends Shape ? Schema["_zod"]["input"] : undefined;
type OutputOf<Schema> = Schema extends Shape ? Schema["_zod"]["output"] : undefined;

export type BodyOf<Name extends RouteName> = InputOf<Api[Name]["body"]>;
export type AnswerOf<Name extends RouteName> = OutputOf<Api[Name]["answer"]>;

type Segments<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Segments<Rest> : never;
type Path<Name extends RouteName> = [Segments<(typeof ROUTES)[Name]>] extends [never]
  ? { path?: undefined }
  : { path: Record<Segments<(typeof ROUTES)[Name]>, string> };
type Body<Name extends RouteName> = Api[Name]["body"] extends null ? { body?: undefined } : { body: BodyOf<Name> };
type QueryValue = string | number | boolean | null | undefined;

export type Asked<Name extends RouteName> = Path<Name> &
  Body<Name> & { query?: Record<string, QueryValue>; signal?: AbortSignal | undefined };

/** The address of a route; values that are null or undefined are left out of the query. */
export function addressOf(
  name: RouteName,
  path: Record<string, string> | undefined,
  query: Record<string, QueryValue> | undefined,
): { method: string; url: string } {
  const [method, template] = ROUTES[name].split(" ") as [string, string];
  const url = template.replace(/\{(\w+)\}/g, (_, segment: string) => encodeURIComponent(path?.[segment] ?? ""));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {}))
    if (value !== null && value !== undefined) search.set(key, String(value));
  return { method, url: search.size > 0 ? `${url}?${search}` : url };
}

/** Asks the server. Throws a `Refusal`; `offline` where no server answered. */
export async function ask<Name extends RouteName>(name: Name, asked: Asked<Name>): Promise<AnswerOf<Name>> {
  const { method, url } = addressOf(name, asked.path, asked.query);
  const response = await send(url, {
    method,
    signal: asked.signal ?? null,
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body), headers: { "content-type": "application/json" } }),
  });
  if (response.status === 204) return undefined as AnswerOf<Name>;
  return (await response.json()) as AnswerOf<Name>;
}

/** fetch that throws `Refusal`s. A 401 is told to whoever shows the way in. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    const ahead = init.method === "GET" ? await takeAhead(url) : null;
    response = ahead ?? (await fetch(url, { credentials: "same-origin", ...init }));
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    throw new Refusal(0, { code: "offline", message: "The server does not answer.", hint: "" });
  }
  if (response.status === 401) tellSessionEnd();
  if (!response.ok) throw await refusalOf(response);
  return response;
}

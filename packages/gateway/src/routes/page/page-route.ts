import { ArrieroError, type page } from "@arriero/spec";
import type { z } from "zod";
import type { Person } from "../../accounts/person.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { ErrorAnswer, Route } from "../../http/route.ts";

type Of<T extends z.ZodType | null> = T extends z.ZodType ? z.infer<T> : null;

/** A request that was checked against its declaration. */
export interface PageCall<E extends page.Endpoint> {
  readonly exchange: Exchange;
  readonly query: Of<E["query"]>;
  readonly body: Of<E["body"]>;
  /** What the path's `{name}` stood for. */
  readonly id: string;
}

/** What a handler answers: the declared answer, or nothing where it has none or has answered itself. */
type Answered<E extends page.Endpoint> = E["answer"] extends z.ZodType ? Promise<z.input<E["answer"]>> : Promise<void>;

/** A route for its declaration. Its handler meets nothing but what the declaration lets through. */
export function pageRoute<E extends page.Endpoint>(endpoint: E, handler: (call: PageCall<E>) => Answered<E>): Route {
  const { access, body, method, path, query } = endpoint;
  return {
    method,
    path,
    access,
    inference: false,
    formatError: formatPageError,
    async handler(exchange) {
      exchange.setHeader("cache-control", "no-store");
      const asked = query === null ? null : checked(query, Object.fromEntries(exchange.query), "");
      const given = body === null ? null : checked(body, await exchange.readJson(), "");
      const answer = await handler({ exchange, query: asked, body: given, id: exchange.parameter } as PageCall<E>);
      if (exchange.headersSent) return;
      if (answer === undefined) exchange.sendBytes(204, null);
      else exchange.sendJson(200, answer);
    },
  };
}

/** The person of a route that wants one. */
export function personOf({ person }: Exchange): Person {
  if (person === null) throw new ArrieroError("unauthorized", "Nobody is signed in.");
  return person;
}

function checked(schema: z.ZodType, value: unknown, root: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = (issue?.path ?? []).map(String).join(".") || root;
  const message = `${path === "" ? "the request" : path}: ${issue?.message ?? "is not what was expected"}`;
  throw new ArrieroError("invalid_request", message, path === "" ? {} : { param: path });
}

export function formatPageError(error: ArrieroError, requestId: string): ErrorAnswer {
  const { retryAfter } = error.body;
  return {
    status: error.status,
    headers: { "cache-control": "no-store", ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }) },
    body: { error: { ...error.body, requestId } },
  };
}

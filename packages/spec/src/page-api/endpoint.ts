import type { z } from "zod";

/**
 * Who may call a route of the page.
 * - `public`: anyone; it tells nothing private
 * - `member`: a signed-in person, of the organisation their session stands in
 * - `admin`: an admin or owner of that organisation
 * - `keeper`: an admin or owner of the first organisation, whose members run this server
 */
export type PageAccess = "public" | "member" | "admin" | "keeper";

export type PageMethod = "GET" | "POST" | "PATCH" | "DELETE";

/** A route of the page: what it takes and what it answers. The gateway's routes and the page's calls come from the same one. */
export interface Endpoint<
  Query extends z.ZodType | null = z.ZodType | null,
  Body extends z.ZodType | null = z.ZodType | null,
  Answer extends z.ZodType | null = z.ZodType | null,
> {
  readonly method: PageMethod;
  /** `{name}` stands for one segment. */
  readonly path: string;
  readonly access: PageAccess;
  /** Of the query string, every value text. null: it takes none. */
  readonly query: Query;
  /** Of the JSON body. null: it takes none. */
  readonly body: Body;
  /** Of the JSON answer with status 200. null: 204 without a body, or what `answers` says. */
  readonly answer: Answer;
  /** What it does, in a line. */
  readonly about: string;
}

interface Asked<Q extends z.ZodType | null, B extends z.ZodType | null, A extends z.ZodType | null> {
  readonly query?: Q;
  readonly body?: B;
  readonly answer?: A;
  readonly about: string;
}

/** Declares a route: `endpoint("GET /api/models", "member", { answer: ModelList, about: "..." })`. */
export function endpoint<Q extends z.ZodType | null = null, B extends z.ZodType | null = null, A extends z.ZodType | null = null>(
  route: `${PageMethod} /${string}`,
  access: PageAccess,
  { about, answer, body, query }: Asked<Q, B, A>,
): Endpoint<Q, B, A> {
  const [method, path] = route.split(" ") as [PageMethod, string];
  return {
    method,
    path,
    access,
    query: (query ?? null) as Q,
    body: (body ?? null) as B,
    answer: (answer ?? null) as A,
    about,
  };
}

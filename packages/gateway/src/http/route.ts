import type { ArrieroError } from "@arriero/spec";
import type { Access, PersonAccess } from "./access.ts";
import type { Exchange } from "./exchange.ts";

export type Method = "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";

/** An error before the first byte of an answer, in a dialect's words. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A route is a declaration; the table in routes.ts is all there is. */
export interface Route {
  readonly method: Method;
  /** `{name}` takes one segment; at the end, the rest of the path, slashes included. Of several that fit, the longest counts. */
  readonly path: string;
  readonly access: Access | PersonAccess;
  /** Bounded by `limits.requests`: it keeps replicas busy. */
  readonly inference: boolean;
  /** How this route's clients read errors; OpenAI's way where it is left out. */
  readonly formatError?: (error: ArrieroError, requestId: string) => ErrorAnswer;
  handler(exchange: Exchange): Promise<void>;
}

export type RouteMatch =
  | { readonly kind: "route"; readonly route: Route; readonly parameter: string }
  | { readonly kind: "options"; readonly allow: string }
  | { readonly kind: "method-not-allowed"; readonly allow: string }
  | { readonly kind: "not-found" };

/** Finds the route of a request: of several whose paths fit, the first. HEAD without a route of its own is answered by GET's (without the body), OPTIONS by the Allow header. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const { literal, patterns } = indexOf(routes);
  // No pattern fits a path more closely than the path itself, and nearly every request names one.
  const exact = literal.get(path)?.find((route) => route.method === method);
  if (exact !== undefined) return { kind: "route", route: exact, parameter: "" };
  const here = [
    ...(literal.get(path) ?? []).map((route) => ({ route, parameter: "" })),
    ...patterns.flatMap((route) => {
      const parameter = matchPattern(route.path, path);
      return parameter === null ? [] : [{ route, parameter }];
    }),
  ];
  here.sort((a, b) => b.route.path.split("/").length - a.route.path.split("/").length);
  if (here.length === 0) return { kind: "not-found" };
  const by = (wanted: string) => here.find(({ route }) => route.method === wanted);
  const found = by(method) ?? (method === "HEAD" ? by("GET") : undefined);
  if (found !== undefined) return { kind: "route", ...found };
  const methods = new Set(here.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method])));
  const allow = [...methods, "OPTIONS"].join(", ");
  return method === "OPTIONS" ? { kind: "options", allow } : { kind: "method-not-allowed", allow };
}

interface RouteIndex {
  /** By path. */
  readonly literal: ReadonlyMap<string, readonly Route[]>;
  readonly patterns: readonly Route[];
}

/** Tables are made once and asked for every request. */
const INDEXES = new WeakMap<readonly Route[], RouteIndex>();

function indexOf(routes: readonly Route[]): RouteIndex {
  const known = INDEXES.get(routes);
  if (known !== undefined) return known;
  const literal = new Map<string, Route[]>();
  const patterns: Route[] = [];
  for (const route of routes) {
    if (route.path.includes("{")) patterns.push(route);
    else literal.set(route.path, [...(literal.get(route.path) ?? []), route]);
  }
  const index = { literal, patterns };
  INDEXES.set(routes, index);
  return index;
}

/** The parameter's value; null: no match. */
function matchPattern(pattern: string, path: string): string | null {
  const brace = pattern.indexOf("{");
  const prefix = pattern.slice(0, brace);
  const suffix = pattern.slice(pattern.indexOf("}") + 1);
  if (!path.startsWith(prefix) || !path.endsWith(suffix)) return null;
  const value = path.slice(prefix.length, path.length - suffix.length);
  if (value === "" || path.length <= prefix.length + suffix.length || (suffix !== "" && value.includes("/"))) return null;
  return decode(value);
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

import { ArrieroError, type page } from "@arriero/spec";
import type { KeySource } from "./key-source.ts";
import { isOwner, isUnscoped, LOCAL, type Principal } from "./principal.ts";

/**
 * `public` routes answer anyone and tell nothing private; `caller` routes want a key, or a local caller where that is
 * enough; `operator` routes tell what all callers together do, and are closed to keys with a scope; `owner` routes change
 * what the server has, and are closed to keys that were given to others.
 */
export type Access = "public" | "caller" | "operator" | "owner";

/** Of the page's routes: a signed-in person, and what they may do. docs/page-api.md says who is which. */
export type PersonAccess = Exclude<page.PageAccess, "public">;

export const isPersonAccess = (access: Access | PersonAccess): access is PersonAccess =>
  access === "member" || access === "admin" || access === "keeper";

/** Headers that access depends on. */
export interface AccessHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly authorization?: string | undefined;
  /** Where Anthropic's clients put the key. */
  readonly "x-api-key"?: string | string[] | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

export interface AccessRules {
  /** Callers without a key are let in, when their request names this machine: only ever on a loopback bind. */
  readonly openToLocal: boolean;
  /** Asked in this order. */
  readonly keys: readonly KeySource[];
}

/** Whether callers on this machine need no key. Throws config_invalid when keys are needed and there can be none. */
export function isOpenToLocal(options: { host: string; requireKey: boolean; keys: readonly string[]; store: boolean }): boolean {
  const openToLocal = isLoopbackName(options.host) && !options.requireKey;
  if (!openToLocal && options.keys.length === 0 && !options.store) {
    const why = options.requireKey ? "a key is required" : `${options.host} is reachable from other machines`;
    throw new ArrieroError("config_invalid", `No key is given, but ${why}.`, { hint: "Create one with `arriero key create`." });
  }
  return openToLocal;
}

/**
 * Lets a request in and says whom it is charged to (null on public routes), or throws unauthorized, key_expired,
 * key_revoked, forbidden or store_unavailable. Without a key the Host and Origin must name this machine: a web page
 * elsewhere can reach a loopback server through the user's browser (DNS rebinding, cross-site requests), and those two
 * headers give it away.
 */
export async function admit(rules: AccessRules, access: Access, headers: AccessHeaders): Promise<Principal | null> {
  if (access === "public") return null;
  const principal = await identify(rules, headers);
  const objection = accessObjection(access, principal);
  if (objection !== null) throw new ArrieroError("forbidden", objection);
  return principal;
}

function accessObjection(access: Exclude<Access, "public">, principal: Principal): string | null {
  switch (access) {
    case "caller":
      return null;
    case "operator":
      return isUnscoped(principal) ? null : "This route tells of all callers; the key has a scope.";
    case "owner":
      return isOwner(principal) ? null : "This route changes what the server has; the key is for using it.";
    default:
      return access satisfies never;
  }
}

async function identify(rules: AccessRules, headers: AccessHeaders): Promise<Principal> {
  const key = presentedKey(headers);
  if (key !== null) {
    for (const source of rules.keys) {
      const found = await source.find(key);
      if (found !== null) return found;
    }
    if (!rules.openToLocal) throw new ArrieroError("unauthorized", "The key is not one of this server's.");
  }
  // Clients that insist on some key send a made-up one; a local caller needs none.
  if (!rules.openToLocal) throw new ArrieroError("unauthorized", "This server wants a key, and the request has none.");
  requireLocalNames(headers);
  return LOCAL;
}

/** Throws forbidden where the request does not name this machine. */
export function requireLocalNames(headers: AccessHeaders): void {
  const host = headers.host ?? "";
  if (!isLoopbackName(hostnameOf(`http://${host}`))) throw foreign("Host", host);
  const { origin } = headers;
  if (origin !== undefined && !isLoopbackName(hostnameOf(origin))) throw foreign("Origin", origin);
  if (headers["sec-fetch-site"] === "cross-site") throw foreign("Sec-Fetch-Site", "cross-site");
}

function foreign(header: string, value: string): ArrieroError {
  return new ArrieroError(
    "forbidden",
    `Without a key only requests to and from this machine are served; ${header} is ${JSON.stringify(value.slice(0, 80))}.`,
    {
      hint: "Call 127.0.0.1 or localhost, or send a key: Authorization: Bearer KEY.",
    },
  );
}

function presentedKey(headers: AccessHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  const other = headers["x-api-key"];
  return bearer ?? (typeof other === "string" && other !== "" ? other : null);
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : "";
}

/** localhost, 127.0.0.0/8 or ::1. A name that merely resolves there is not enough: that is what rebinding does. */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

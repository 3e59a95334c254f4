import { ArrieroError } from "@arriero/spec";
import type { AccessHeaders } from "../http/access.ts";

/**
 * Throws forbidden where a request may come from another site's page: a cookie goes with it whoever made it. What changes
 * something must say that it comes from this server's own page; what only reads must not say that it comes from elsewhere.
 * The origin is held against the Host that the browser believes in, so it needs no configuration, also behind a proxy.
 */
export function requireOwnOrigin(method: string, headers: AccessHeaders): void {
  const site = headers["sec-fetch-site"];
  const { host = "", origin } = headers;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) throw foreign(origin);
  if (site !== undefined && site !== "same-origin" && site !== "none" && !(method === "GET" && site === "same-site")) {
    throw foreign(String(site));
  }
  if (method === "GET" || method === "HEAD") return;
  if (origin === undefined && site !== "same-origin") throw foreign("neither Origin nor Sec-Fetch-Site");
}

const foreign = (what: string): ArrieroError =>
  new ArrieroError(
    "forbidden",
    `This is for this server's own page alone; the request came with ${JSON.stringify(what.slice(0, 80))}.`,
    {
      hint: "Programs use the APIs of docs/api.md with a key.",
    },
  );

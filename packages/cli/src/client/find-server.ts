import { ArrieroError } from "@arriero/spec";
import { parseListenAddress } from "../config/listen-address.ts";
import type { HomeFolder } from "../home/home-folder.ts";
import { readKeys } from "../home/key-file.ts";
import { readLogins } from "../home/login-file.ts";
import { readServerFile } from "../home/server-file.ts";
import type { Endpoint } from "./endpoint.ts";

export const DEFAULT_PORT = 8080;

export interface ServerQuestion {
  /** `--url` */
  readonly url?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: HomeFolder;
}

/** `localhost:8080`, `https://host/base/` -> an origin to which paths can be appended. */
export function serverUrl(text: string): string {
  if (text.includes("://")) {
    if (!URL.canParse(text)) throw new ArrieroError("invalid_request", `"${text}" is no URL.`);
    return text.replace(/\/+$/, "");
  }
  const address = parseListenAddress(text);
  if (address === null) throw new ArrieroError("invalid_request", `"${text}" is no address: host, host:port or URL.`);
  // What a server listens on everywhere is reached here by loopback.
  const host = address.host === "0.0.0.0" || address.host === "::" ? "127.0.0.1" : address.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port ?? DEFAULT_PORT}`;
}

/**
 * The server to talk to: `--url`, then ARRIERO_HOST, then the one that this home has running; null when none is named
 * and none runs. The key: ARRIERO_API_KEY, then the running server's own, then what `arriero login` was given by that
 * very server. A server elsewhere is never sent other keys of this home.
 */
export async function findServer({ url, env, home }: ServerQuestion): Promise<Endpoint | null> {
  const named = url ?? (env.ARRIERO_HOST || undefined);
  const running = await readServerFile(home);
  const given = env.ARRIERO_API_KEY || null;
  if (named !== undefined) {
    const target = serverUrl(named);
    const own = running !== null && running.url === target ? running.key : null;
    return { url: target, key: given ?? own ?? (await loginKey(home, target)) };
  }
  if (running === null) return null;
  return { url: running.url, key: given ?? running.key ?? (await readKeys(home))[0] ?? null };
}

/** As findServer, but none is an error that says how to start one. */
export async function requireServer(question: ServerQuestion): Promise<Endpoint> {
  const endpoint = await findServer(question);
  if (endpoint !== null) return endpoint;
  throw new ArrieroError("replica_unavailable", `No server of ${question.home.path} is running.`, {
    hint: "Start one with `arriero up`, or name another with --url or ARRIERO_HOST.",
  });
}

const loginKey = async (home: HomeFolder, url: string): Promise<string | null> =>
  (await readLogins(home)).find((login) => login.url === url)?.key ?? null;

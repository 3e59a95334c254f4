import type { Readable } from "node:stream";
import { ArrieroError } from "@arriero/spec";
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { isLoopback } from "./reference.ts";
import { HttpStatusError, retryAfterMs } from "./retry-policy.ts";

/** One answer, its redirects followed. */
export interface HubResponse {
  /** Where it came from in the end. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Headers of the first answer: the hub's, where it redirected to a CDN. */
  readonly firstHeaders: Headers;
  /** Must be read or destroyed. */
  readonly body: Readable;
}

/** The first value of each header, by its name in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

export interface HubRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** The `Authorization` for an address, or null. Asked anew for every redirect, so a token stays with its host. */
  readonly authorize?: (url: URL) => string | null;
}

const MAX_REDIRECTS = 5;
const MAX_CONNECTIONS_PER_HOST = 8;
const USER_AGENT = "arriero/0.1";

/**
 * GET requests to hubs and registries. undici rather than fetch: it leaves redirects to us (a token must not follow
 * them), bounds connections and idle time per host, and hands out the body as a stream with back pressure.
 * HTTPS_PROXY and NO_PROXY are honoured; loopback is never proxied.
 */
export class HubHttp {
  readonly #dispatcher: Dispatcher;
  readonly #now: () => number;

  constructor(options: { idleMs: number; now: () => number; noProxy?: string | undefined }) {
    this.#now = options.now;
    this.#dispatcher = new EnvHttpProxyAgent({
      connections: MAX_CONNECTIONS_PER_HOST,
      connect: { timeout: options.idleMs },
      headersTimeout: options.idleMs,
      bodyTimeout: options.idleMs,
      noProxy: [options.noProxy ?? process.env.NO_PROXY ?? process.env.no_proxy ?? "", "localhost,127.0.0.1,[::1]"]
        .filter(Boolean)
        .join(","),
    });
  }

  /** Follows redirects; any status is returned. Throws network errors, and `pull_failed` on a redirect that is refused. */
  async get(address: string, options: HubRequest = {}): Promise<HubResponse> {
    let url = new URL(address);
    let firstHeaders: Headers | null = null;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const authorization = options.authorize?.(url) ?? null;
      const answer = await request(url, {
        dispatcher: this.#dispatcher,
        signal: options.signal ?? null,
        headers: {
          "user-agent": USER_AGENT,
          "accept-encoding": "identity",
          ...options.headers,
          ...(authorization === null ? {} : { authorization }),
        },
      });
      const headers = firstValues(answer.headers);
      firstHeaders ??= headers;
      const location = headers.location;
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined) {
        return { url: url.href, status: answer.statusCode, headers, firstHeaders, body: answer.body };
      }
      await answer.body.dump();
      url = redirected(url, location);
    }
    throw new ArrieroError("pull_failed", `${new URL(address).host} redirected more than ${MAX_REDIRECTS} times`);
  }

  /** The whole body as text, for answers of status 200. Throws HttpStatusError otherwise. */
  async text(address: string, maxBytes: number, options: HubRequest = {}): Promise<string> {
    const answer = await this.get(address, options);
    if (answer.status !== 200) throw this.statusError(answer);
    return (await readBody(answer, maxBytes)).toString("utf8");
  }

  /** The error for an unwanted answer; its body is thrown away. */
  statusError(answer: HubResponse): HttpStatusError {
    answer.body.on("error", () => undefined).destroy();
    return new HttpStatusError(answer.status, answer.url, retryAfterMs(answer.headers["retry-after"], this.#now()));
  }

  close(): Promise<void> {
    return this.#dispatcher.close();
  }
}

/** The body in memory; more than `maxBytes` is refused. */
export async function readBody(answer: HubResponse, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of answer.body) {
    total += chunk.length;
    if (total > maxBytes)
      throw new ArrieroError("pull_failed", `${new URL(answer.url).host} sent more than ${maxBytes} bytes of metadata`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href))
    throw new ArrieroError("pull_failed", `${from.host} redirected to an address that cannot be read`);
  const to = new URL(location, from);
  const fine = to.protocol === "https:" || (to.protocol === "http:" && isLoopback(from.hostname) && isLoopback(to.hostname));
  if (!fine)
    throw new ArrieroError("pull_failed", `${from.host} redirected to ${to.protocol}//${to.host}; only https is followed`);
  return to;
}

function firstValues(headers: Record<string, string | string[] | undefined>): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
}

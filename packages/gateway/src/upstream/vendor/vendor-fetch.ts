import { fetch, type RequestInit } from "undici";
import { traceHeaders } from "../../tracing/outgoing-trace.ts";
import { broken, malformed } from "../backend/backend-faults.ts";
import type { EnginePools } from "../engine-pools.ts";

/** Headers whose values are secrets; of the first the scheme is left out. */
const SECRET_HEADERS = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "x-amz-security-token"];
const ANSWERS = /^(text\/event-stream|application\/vnd\.amazon\.eventstream|application\/json)\b/i;
const TEXTS = /^text\/event-stream\b/i;

export interface VendorFetchOptions {
  readonly pools: EnginePools;
  /** No other is asked, whatever a package makes of its settings or a redirect says. */
  readonly origin: string;
  readonly responseBytes: number;
  /** Told each secret that is sent. */
  onSecret(secret: string): void;
}

/**
 * The fetch that a vendor's package is given: over our pools, to one origin alone, its answer bounded. Where an answer is
 * text, bytes that are no UTF-8 break it; packages would put a mark in their place and go on.
 */
export function vendorFetch({ onSecret, origin, pools, responseBytes }: VendorFetchOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) throw broken("backend_misconfigured", `The backend's client would ask ${url.origin}.`);
    const headers = new Headers(init?.headers);
    for (const name of SECRET_HEADERS) {
      const secret = headers.get(name)?.replace(/^\w+ +/, "");
      if (secret) onSecret(secret);
    }
    // Behind the signature, where there is one: it need not cover them.
    for (const [name, value] of Object.entries(traceHeaders() ?? {})) headers.set(name, value);
    const options = { ...init, headers: [...headers], dispatcher: pools.at(origin), redirect: "error" } as unknown as RequestInit;
    const response = await fetch(url, options);
    const type = response.headers.get("content-type") ?? "";
    if (response.status === 200 && !ANSWERS.test(type)) {
      await response.body?.cancel();
      throw malformed(`an answer of the type ${JSON.stringify(type.slice(0, 64))}`);
    }
    const body = response.body?.pipeThrough(checked(responseBytes, response.status === 200 && TEXTS.test(type))) ?? null;
    const { status, statusText } = response;
    return new Response(body, { status, statusText, headers: [...response.headers] });
  };
}

/** Passes bytes on as they are, or breaks. */
function checked(most: number, isText: boolean): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  const check = (chunk?: Uint8Array): void => {
    if (!isText) return;
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw malformed("bytes that are not UTF-8");
    }
  };
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > most) throw malformed(`more than ${most} bytes`);
      check(chunk);
      controller.enqueue(chunk);
    },
    flush: () => check(),
  });
}

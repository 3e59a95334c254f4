import { ArrieroError, page } from "@arriero/spec";
import type { z } from "zod";
import { call } from "../client/endpoint.ts";

const { pollDevice, startDevice } = page.PAGE_API;
/** A server that names a shorter time between two questions is asked no more often than this. */
const SHORTEST_WAIT_MS = 50;

export interface DeviceLoginOptions {
  readonly url: string;
  now(): number;
  /** Resolves after `ms`; rejects when the login is given up. */
  wait(ms: number): Promise<void>;
  readonly signal?: AbortSignal;
  /** Once: what the person is to open, and the code that the page must show. */
  show(asked: { readonly link: string; readonly code: string }): void;
}

export interface LetIn {
  readonly key: string;
  readonly email: string;
}

/**
 * Asks a server to let this command line in, and waits until a signed-in person has allowed it: RFC 8628's flow, in the
 * shapes of the page's API. Throws forbidden where they refuse, and not_found where nobody answers in time.
 */
export async function deviceLogin({ now, show, signal, url, wait }: DeviceLoginOptions): Promise<LetIn> {
  const ask = async <T extends z.ZodType>(path: string, shape: T, body: unknown): Promise<z.infer<T>> => {
    const response = await call({ url, key: null }, path, { method: "POST", signal, ...(body === null ? {} : { body }) });
    const answer = shape.safeParse(await response.json().catch(() => null));
    if (answer.success) return answer.data;
    throw new ArrieroError("unsupported", `${url} lets no command line in: it answers otherwise than an Arriero server.`, {
      hint: "Give the server's own address: --url https://HOST.",
    });
  };
  const begun = await ask(startDevice.path, startDevice.answer, null);
  show({ link: url + begun.path, code: begun.userCode });
  for (;;) {
    await wait(Math.max(begun.interval * 1000, SHORTEST_WAIT_MS));
    if (now() >= begun.expiresAt) throw new ArrieroError("not_found", "Nobody allowed it in time.", { hint: "Begin again." });
    const answer = await ask(pollDevice.path, pollDevice.answer, { deviceCode: begun.deviceCode });
    switch (answer.state) {
      case "waiting":
        break;
      case "refused":
        throw new ArrieroError("forbidden", "It was refused on the page.", { hint: "Begin again if that was not meant." });
      case "allowed":
        return { key: answer.key, email: answer.email };
      default:
        answer satisfies never;
    }
  }
}

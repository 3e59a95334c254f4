import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export interface ProviderPerson {
  readonly name: string;
  readonly email: string;
  readonly email_verified: boolean;
}

const CLIENT = { id: "arriero", secret: "the client's own secret, of some length" };

/**
 * A real OpenID Connect provider on loopback (the certified `oidc-provider`), whose sign-in form is answered by whoever
 * `signsIn` names.
 */
export async function startOidcProvider() {
  const people = new Map<string, ProviderPerson>();
  let who: string | null = null;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    client: CLIENT,
    people,
    /** Who is at the browser from now on; null: somebody who refuses. */
    signsIn(id: string | null): void {
      who = id;
    },
    /** Once the addresses are known that it may send people back to. */
    open(redirectUris: string[]): void {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT.id,
            client_secret: CLIENT.secret,
            redirect_uris: redirectUris,
            grant_types: ["authorization_code"],
            response_types: ["code"],
          },
        ],
        claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
        findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people.get(id) }) }),
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_, { uid }) => `/interaction/${uid}` },
        cookies: { keys: ["a key for the cookies of a test"] },
        pkce: { required: () => true },
      });
      const answer = provider.callback();
      server.on("request", async (request, response) => {
        if (!request.url?.startsWith("/interaction/")) return answer(request, response);
        const { params, prompt, session } = await provider.interactionDetails(request, response);
        const result = await (async () => {
          if (who === null) return { error: "access_denied" };
          if (prompt.name === "login") return { login: { accountId: who } };
          const grant = new provider.Grant({ accountId: session!.accountId, clientId: String(params["client_id"]) });
          grant.addOIDCScope("openid email profile");
          return { consent: { grantId: await grant.save() } };
        })();
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
      });
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export type OidcProvider = Awaited<ReturnType<typeof startOidcProvider>>;

/** A browser that follows redirects over several servers, each with its own cookies. */
export class Traveller {
  readonly #jars = new Map<string, Map<string, string>>();

  cookies(origin: string): string {
    return [...(this.#jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, cookie: this.cookies(origin) },
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";", 1);
      const at = pair.indexOf("=");
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(set)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Follows redirects until one is the end, which is not gone to. */
  async follow(url: string, isEnd: (url: URL) => boolean): Promise<URL> {
    for (let at = url, hops = 0; hops < 12; hops++) {
      const { headers, status } = await this.ask(at);
      const to = headers.get("location");
      if (to === null) throw new Error(`${at} ends with ${status}`);
      const next = new URL(to, at);
      if (isEnd(next)) return next;
      at = next.href;
    }
    throw new Error("redirects without end");
  }
}

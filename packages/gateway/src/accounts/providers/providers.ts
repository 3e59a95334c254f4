import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { Identity } from "./entrance.ts";
import { type Begun, OidcClient } from "./oidc-client.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { returnPath } from "./return-path.ts";
import { seal, unseal } from "./sealed.ts";

/** How long somebody may be away at the provider. */
const AWAY_MS = 10 * 60_000;
const CALLBACK = "/api/auth/callback/";
const COOKIE = "arriero.provider";

/** What the cookie of a sign-in under way holds, sealed: it binds the answer to the browser that asked. */
interface Away extends Begun {
  readonly provider: string;
  /** Where on the page they were, and come back to. */
  readonly to: string;
  readonly until: number;
}

export interface ProvidersOptions {
  readonly settings: readonly ProviderSettings[];
  readonly clock: Pick<Clock, "now">;
  /** The page's address, with `path` behind it. */
  link(path: string): string;
}

/** The providers of this server. Nothing is kept of a sign-in under way but in its own browser. */
export class Providers {
  readonly #options: ProvidersOptions;
  readonly #clients: ReadonlyMap<string, { readonly settings: ProviderSettings; readonly client: OidcClient }>;

  constructor(options: ProvidersOptions) {
    this.#options = options;
    this.#clients = new Map(options.settings.map((settings) => [settings.id, { settings, client: new OidcClient(settings) }]));
  }

  get list(): { id: string; name: string }[] {
    return this.#options.settings.map(({ id, name }) => ({ id, name }));
  }

  settings(id: string): ProviderSettings {
    return this.#of(id).settings;
  }

  /** @param to a path of the page; any other is its start. Throws not_found and provider_failed. */
  async begin(id: string, to: string, secret: string): Promise<{ readonly url: string; readonly cookie: string }> {
    const { begun, url } = await this.#of(id).client.begin(this.#options.link(CALLBACK + id));
    const away: Away = { ...begun, provider: id, to: returnPath(to), until: this.#options.clock.now() + AWAY_MS };
    return { url, cookie: this.#cookie(seal(secret, away), AWAY_MS / 1000) };
  }

  /** The sign-in by this provider that the browser with these cookies has begun; null: none, or too long ago. */
  away(id: string, secret: string, cookies: string): Away | null {
    const sealed = new RegExp(`(?:^|;\\s*)${COOKIE.replace(".", "\\.")}=([\\w-]+)`).exec(cookies)?.[1] ?? "";
    const away = unseal(secret, sealed) as Away | null;
    return away === null || away.provider !== id || away.until <= this.#options.clock.now() ? null : away;
  }

  /** Who came back with `query`. Throws not_found, forbidden and provider_failed. */
  finish(id: string, away: Away, query: URLSearchParams): Promise<Identity> {
    return this.#of(id).client.finish(new URL(`${this.#options.link(CALLBACK + id)}?${query}`), away);
  }

  /** Takes the cookie back: a sign-in ends once, however it ends. */
  get ended(): string {
    return this.#cookie("", 0);
  }

  #cookie(value: string, seconds: number): string {
    const secure = this.#options.link("").startsWith("https:") ? "; Secure" : "";
    // Lax: the provider's redirect brings it back, another site's request does not.
    return `${COOKIE}=${value}; Path=${CALLBACK}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  }

  #of(id: string) {
    const found = this.#clients.get(id);
    if (found === undefined) throw new ArrieroError("not_found", `No provider is named ${JSON.stringify(id.slice(0, 64))}.`);
    return found;
  }
}

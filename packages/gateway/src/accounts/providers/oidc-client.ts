import { ArrieroError } from "@arriero/spec";
import * as oidc from "openid-client";
import { readSecret } from "../../settings-secret.ts";
import type { Identity } from "./entrance.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** What a sign-in that has begun must find again when it comes back. */
export interface Begun {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

const ANSWER_S = 10;
const SCOPE = "openid profile email";

/** The authorization code flow with one provider: state, nonce and PKCE each time (OpenID Connect Core 3.1, RFC 7636). */
export class OidcClient {
  readonly #settings: ProviderSettings;
  #found: Promise<oidc.Configuration> | null = null;

  constructor(settings: ProviderSettings) {
    this.#settings = settings;
  }

  /** Where to send the browser. Throws what the provider's own description is wrong in, coded. */
  async begin(redirectUri: string): Promise<{ readonly url: string; readonly begun: Begun }> {
    const config = await this.#find();
    const begun = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: SCOPE,
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: "S256",
    });
    return { url: url.href, begun };
  }

  /** Who has come back to `address`. Throws forbidden for whatever is not as it must be. */
  async finish(address: URL, { nonce, state, verifier }: Begun): Promise<Identity> {
    const config = await this.#find();
    try {
      const tokens = await oidc.authorizationCodeGrant(config, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error("there is no ID token");
      // Providers may keep the address out of the token; the answer must be of the same subject.
      const told =
        typeof claims["email"] === "string" ? claims : await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof told["email"] === "string" ? told["email"].trim().toLowerCase() : null,
        emailVerified: told["email_verified"] === true,
        name: typeof told["name"] === "string" ? told["name"] : "",
      };
    } catch (thrown) {
      if (thrown instanceof oidc.AuthorizationResponseError && thrown.error === "access_denied") {
        throw new ArrieroError("forbidden", "It was refused at the provider.", { cause: thrown, param: "denied" });
      }
      throw new ArrieroError("forbidden", `The provider's answer is not as it must be: ${reasonOf(thrown)}.`, { cause: thrown });
    }
  }

  /** Once; again where it failed. */
  #find(): Promise<oidc.Configuration> {
    this.#found ??= this.#discover().catch((thrown: unknown) => {
      this.#found = null;
      if (thrown instanceof ArrieroError) throw thrown;
      const message = `${this.#settings.name} does not describe itself as it must at ${this.#settings.issuer}: ${reasonOf(thrown)}.`;
      throw new ArrieroError("provider_failed", message, { cause: thrown });
    });
    return this.#found;
  }

  async #discover(): Promise<oidc.Configuration> {
    const { clientId, clientSecret, id, issuer } = this.#settings;
    const secret = clientSecret === null ? undefined : await readSecret(`signIn.providers ${id}: clientSecret`, clientSecret);
    const config = await oidc.discovery(
      new URL(issuer),
      clientId,
      undefined,
      secret === undefined ? oidc.None() : bySecret(secret),
      {
        timeout: ANSWER_S,
        // The configuration takes http for this machine alone.
        ...(issuer.startsWith("http:") ? { execute: [oidc.allowInsecureRequests] } : {}),
      },
    );
    // The token's signature is checked too, though it comes over a connection to the provider itself.
    oidc.enableNonRepudiationChecks(config);
    return config;
  }
}

/** As the provider says it takes the secret; by the header where it does not say (OpenID Connect Discovery 3). */
const bySecret =
  (secret: string): oidc.ClientAuth =>
  (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const chosen = methods.includes("client_secret_basic") ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
    return chosen(server, client, body, headers);
  };

function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : "";
  return (thrown instanceof Error ? thrown.message + cause : String(thrown)).slice(0, 300);
}

import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OidcClient } from "./oidc-client.ts";

const CLIENT_ID = "arriero";
const BACK = "http://127.0.0.1:1/api/auth/callback/hostile";

/** A provider that says whatever a test has it say. */
describe("an answer that is not as it must be", () => {
  const own = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
  let issuer = "";
  let described: Record<string, unknown> = {};
  let token = "";
  let userInfo: Record<string, unknown> = {};
  const server = createServer((request, response) => {
    const answers: Record<string, unknown> = {
      "/.well-known/openid-configuration": {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        userinfo_endpoint: `${issuer}/userinfo`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ["RS256"],
        ...described,
      },
      "/jwks": { keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "own", alg: "RS256", use: "sig" }] },
      "/token": { access_token: "access", token_type: "Bearer", expires_in: 60, id_token: token },
      "/userinfo": userInfo,
    };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answers[request.url ?? ""]));
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  beforeEach(() => {
    described = {};
    userInfo = {};
  });

  const client = () =>
    new OidcClient({
      id: "hostile",
      name: "Hostile",
      issuer,
      clientId: CLIENT_ID,
      clientSecret: null,
      linkByEmail: false,
      join: false,
      domains: [],
    });
  const sign = (claims: object, key: KeyObject = own.privateKey, header: object = { alg: "RS256", kid: "own" }): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part(header)}.${part(claims)}`;
    return `${text}.${createSign("RSA-SHA256").update(text).sign(key).toString("base64url")}`;
  };
  const claims = (nonce: string, changes: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const who = { sub: "s", email: "Ana@example.org", email_verified: true, name: "Ana" };
    return { iss: issuer, aud: CLIENT_ID, iat: now, exp: now + 60, nonce, ...who, ...changes };
  };
  /** A sign-in that comes back with this token. */
  const come = async (make: (nonce: string) => string, query: (state: string) => string = (state) => `code=c&state=${state}`) => {
    const from = client();
    const { begun, url } = await from.begin(BACK);
    token = make(begun.nonce);
    return { url: new URL(url), identity: from.finish(new URL(`${BACK}?${query(begun.state)}`), begun) };
  };

  it("asks with state, nonce and PKCE, and believes a token that is as it must be", async () => {
    const { identity, url } = await come((nonce) => sign(claims(nonce)));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: CLIENT_ID,
      redirect_uri: BACK,
      response_type: "code",
      scope: "openid profile email",
      code_challenge_method: "S256",
    });
    for (const name of ["state", "nonce", "code_challenge"]) expect(url.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
    expect(await identity).toEqual({ issuer, subject: "s", email: "ana@example.org", emailVerified: true, name: "Ana" });
  });

  it("asks for the address where the token has none, of the same subject", async () => {
    const bare = (nonce: string) => sign(claims(nonce, { email: undefined, email_verified: undefined }));
    userInfo = { sub: "s", email: "ana@example.org" };
    // What is not said to be verified is not.
    expect(await (await come(bare)).identity).toMatchObject({ email: "ana@example.org", emailVerified: false });
    userInfo = { sub: "another", email: "ana@example.org", email_verified: true };
    await expect((await come(bare)).identity).rejects.toMatchObject({ code: "forbidden" });
  });

  it.each([
    ["another issuer", (nonce: string) => sign(claims(nonce, { iss: "https://other.example" }))],
    ["another audience", (nonce: string) => sign(claims(nonce, { aud: "another client" }))],
    ["several audiences and another party", (nonce: string) => sign(claims(nonce, { aud: [CLIENT_ID, "x"], azp: "x" }))],
    ["another nonce", () => sign(claims("another"))],
    ["no nonce", () => sign(claims("x", { nonce: undefined }))],
    ["a time that is over", (nonce: string) => sign(claims(nonce, { iat: 1, exp: 2 }))],
    ["another's signature", (nonce: string) => sign(claims(nonce), other.privateKey)],
    ["no signature", (nonce: string) => `${sign(claims(nonce), own.privateKey, { alg: "none" }).split(".", 2).join(".")}.`],
    ["another algorithm", (nonce: string) => sign(claims(nonce), own.privateKey, { alg: "HS256", kid: "own" })],
    ["a subject that is none", (nonce: string) => sign(claims(nonce, { sub: 7 }))],
  ] as const)("refuses a token of %s", async (_, make) => {
    await expect((await come(make)).identity).rejects.toMatchObject({ code: "forbidden" });
  });

  it("takes an address for verified by `true` alone", async () => {
    for (const word of ["true", 1, {}]) {
      const { identity } = await come((nonce) => sign(claims(nonce, { email_verified: word })));
      expect((await identity).emailVerified).toBe(false);
    }
  });

  it.each([
    ["another state", () => "code=c&state=another"],
    ["no state", () => "code=c"],
    ["another issuer's answer", (state: string) => `code=c&state=${state}&iss=https%3A%2F%2Fother.example`],
    ["no code", (state: string) => `state=${state}`],
  ] as const)("refuses an answer with %s", async (_, query) => {
    const { identity } = await come((nonce) => sign(claims(nonce)), query);
    await expect(identity).rejects.toMatchObject({ code: "forbidden" });
  });

  it("does not begin where the provider describes itself as another, and begins once it does not", async () => {
    const from = client();
    described = { issuer: "https://other.example" };
    await expect(from.begin(BACK)).rejects.toMatchObject({ code: "provider_failed" });
    described = {};
    await from.begin(BACK);
  });
});

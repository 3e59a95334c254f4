import { expect, it } from "vitest";
import { MailConfig, PageUrl, SignInConfig } from "./people-schema.ts";

const provider = { id: "company", name: "Company", issuer: "https://id.example.org/realms/x", clientId: "arriero" };

it("takes a provider by its least, and no secret in the clear", () => {
  expect(SignInConfig.parse({ providers: [provider] }).providers).toEqual([
    { ...provider, clientSecret: null, linkByEmail: false, join: false, domains: [] },
  ]);
  const accepts = (...providers: object[]) => SignInConfig.safeParse({ providers }).success;
  expect(accepts({ ...provider, clientSecret: "env:OIDC_SECRET", domains: ["Example.org"] })).toBe(true);
  expect(accepts({ ...provider, issuer: "http://127.0.0.1:9/x" })).toBe(true);
  expect(accepts({ ...provider, clientSecret: "hunter2" })).toBe(false);
  for (const issuer of ["http://id.example.org", "http://127.0.0.1.example.org", "id.example.org", "file:///x"]) {
    expect(accepts({ ...provider, issuer }), issuer).toBe(false);
  }
  for (const id of ["../x", "a b", "", "A"]) expect(accepts({ ...provider, id }), id).toBe(false);
  expect(accepts(provider, provider)).toBe(false);
});

it("takes a mail server with its sender, and a user with a password's reference alone", () => {
  const accepts = (mail: object) => MailConfig.safeParse(mail).success;
  const least = { url: "smtp://mail.example.org:587", from: "a@example.org" };
  expect(accepts({})).toBe(true);
  expect(accepts(least)).toBe(true);
  expect(accepts({ ...least, user: "u", password: "file:/run/secrets/smtp" })).toBe(true);
  for (const wrong of [
    { url: least.url },
    { ...least, user: "u" },
    { ...least, password: "env:P" },
    { ...least, user: "u", password: "hunter2" },
    { ...least, url: "smtp://u:p@mail.example.org" },
    { ...least, url: "https://mail.example.org" },
  ]) {
    expect(accepts(wrong), JSON.stringify(wrong)).toBe(false);
  }
});

it("takes the page's address without a path", () => {
  expect(PageUrl.parse("https://chat.example.org")).toBe("https://chat.example.org");
  for (const wrong of ["https://chat.example.org/chat", "http://chat.example.org", "chat.example.org"]) {
    expect(PageUrl.safeParse(wrong).success, wrong).toBe(false);
  }
});

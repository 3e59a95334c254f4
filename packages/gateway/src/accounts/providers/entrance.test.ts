import type { KnownSubject } from "@arriero/store";
import { expect, it } from "vitest";
import { decideEntrance, type Identity } from "./entrance.ts";

const identity: Identity = { issuer: "i", subject: "s", email: "ana@example.org", emailVerified: true, name: "Ana" };
const settings = { domains: [], join: false, linkByEmail: false };
const nobody: KnownSubject = { personId: null, byEmail: null, invited: false };
const has = (proven: boolean): KnownSubject => ({ ...nobody, byEmail: { personId: "usr_1", proven } });

it.each([
  [
    "somebody's own sign-in, whatever its address",
    { ...identity, emailVerified: false },
    settings,
    { ...has(true), personId: "usr_2" },
    { kind: "known", personId: "usr_2" },
  ],
  [
    "an address that the provider has not verified",
    { ...identity, emailVerified: false },
    { ...settings, linkByEmail: true, join: true },
    has(true),
    { kind: "refused", why: "unverified" },
  ],
  [
    "no address at all",
    { ...identity, email: null },
    { ...settings, join: true },
    nobody,
    { kind: "refused", why: "unverified" },
  ],
  ["an address proven on both sides", identity, settings, has(true), { kind: "link", personId: "usr_1" }],
  [
    "an address that its account never proved",
    identity,
    { ...settings, join: true },
    has(false),
    { kind: "refused", why: "taken" },
  ],
  [
    "the same where the provider rules over addresses",
    identity,
    { ...settings, linkByEmail: true },
    has(false),
    { kind: "link", personId: "usr_1" },
  ],
  [
    "somebody invited",
    identity,
    { ...settings, join: true },
    { ...nobody, invited: true },
    { kind: "new", email: identity.email, join: false },
  ],
  ["somebody who is not", identity, settings, nobody, { kind: "refused", why: "not-invited" }],
  [
    "the same where all may join",
    identity,
    { ...settings, join: true },
    nobody,
    { kind: "new", email: identity.email, join: true },
  ],
  [
    "another domain",
    identity,
    { ...settings, join: true, domains: ["example.com"] },
    { ...nobody, invited: true },
    { kind: "refused", why: "not-invited" },
  ],
  [
    "a domain that only looks like it",
    { ...identity, email: "ana@evilexample.org" },
    { ...settings, join: true, domains: ["example.org"] },
    nobody,
    { kind: "refused", why: "not-invited" },
  ],
  [
    "its domain",
    identity,
    { ...settings, join: true, domains: ["example.org"] },
    nobody,
    { kind: "new", email: identity.email, join: true },
  ],
] as const)("%s", (_, who, rules, known, entrance) => {
  expect(decideEntrance(who, rules, known)).toEqual(entrance);
});

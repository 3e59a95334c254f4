import { describe, expect, it } from "vitest";
import { type AccessHeaders, type AccessRules, admit, isLoopbackName, isOpenToLocal } from "./access.ts";
import { StaticKeys } from "./static-keys.ts";

const KEYS = ["first-key", "second-key"];
const rulesOf = (host: string, requireKey: boolean): AccessRules => ({
  openToLocal: isOpenToLocal({ host, requireKey, keys: KEYS, store: false }),
  keys: [new StaticKeys(KEYS)],
});
const open = rulesOf("127.0.0.1", false);
const closed = rulesOf("127.0.0.1", true);
const exposed = rulesOf("0.0.0.0", false);

async function outcome(rules: AccessRules, headers: AccessHeaders): Promise<string> {
  try {
    return (await admit(rules, "caller", headers))!.id;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

describe("a loopback bind", () => {
  it.each(["localhost", "localhost:8080", "127.0.0.1:8080", "127.8.9.1", "[::1]:8080", "LOCALHOST"])(
    "is open to Host %s",
    async (host) => {
      expect(await outcome(open, { host })).toBe("local");
    },
  );

  it.each([
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.168.1.7:8080",
    "0.0.0.0:8080",
    "evil@localhost.example",
    "",
    "[::ffff:10.0.0.1]",
  ])("refuses Host %j, which rebinding would send", async (host) => {
    expect(await outcome(open, { host })).toBe("forbidden");
  });

  it.each(["http://evil.example", "null", "https://localhost.evil.example", "file://", "chrome-extension://abc"])(
    "refuses Origin %s",
    async (origin) => {
      expect(await outcome(open, { host: "localhost:8080", origin })).toBe("forbidden");
    },
  );

  it("serves pages of this machine, and refuses cross-site requests that carry no Origin", async () => {
    expect(await outcome(open, { host: "localhost:8080", origin: "http://localhost:3000" })).toBe("local");
    expect(await outcome(open, { host: "localhost:8080", "sec-fetch-site": "cross-site" })).toBe("forbidden");
    expect(await outcome(open, { host: "localhost:8080", "sec-fetch-site": "none" })).toBe("local");
  });

  it("takes a made-up key for none, and a real one from anywhere", async () => {
    expect(await outcome(open, { host: "localhost", authorization: "Bearer sk-none" })).toBe("local");
    expect(await outcome(open, { host: "evil.example", authorization: "Bearer sk-none" })).toBe("forbidden");
    expect(await outcome(open, { host: "proxy.example", authorization: "Bearer second-key" })).toMatch(/^key:[0-9a-f]{12}$/);
  });
});

describe.each([
  ["require-key", closed],
  ["another bind", exposed],
])("%s", (_name, rules) => {
  it.each([undefined, "", "Bearer", "Bearer wrong", "Basic first-key", "first-key", "Bearer first-key extra", "Bearer first-ke"])(
    "refuses Authorization %j",
    async (authorization) => {
      expect(await outcome(rules, { host: "localhost", authorization })).toBe("unauthorized");
    },
  );

  it.each(KEYS)("lets %s in, whatever Host and Origin say", async (key) => {
    const headers = { host: "gpu.example", origin: "https://app.example", authorization: `Bearer ${key}` };
    expect(await outcome(rules, headers)).toMatch(/^key:/);
    expect(await outcome(rules, { ...headers, authorization: `bearer  ${key}` })).toMatch(/^key:/);
  });
});

it("charges each key to a client of its own, which does not show the key", async () => {
  const clients = await Promise.all(KEYS.map((key) => outcome(closed, { authorization: `Bearer ${key}` })));
  expect(new Set(clients).size).toBe(2);
  expect(clients.join()).not.toContain("key-");
});

it("does not start without keys where one is needed", () => {
  const none = { keys: [], store: false };
  expect(() => isOpenToLocal({ host: "0.0.0.0", requireKey: false, ...none })).toThrow("reachable from other machines");
  expect(() => isOpenToLocal({ host: "localhost", requireKey: true, ...none })).toThrow("a key is required");
  // Keys of the store may be made later.
  expect(isOpenToLocal({ host: "0.0.0.0", requireKey: false, keys: [], store: true })).toBe(false);
});

it("knows loopback names", () => {
  expect(["localhost", "127.0.0.1", "::1", "[::1]"].every(isLoopbackName)).toBe(true);
  expect(["0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example"].some(isLoopbackName)).toBe(false);
});

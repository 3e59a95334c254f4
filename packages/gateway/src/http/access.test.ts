import { describe, expect, it } from "vitest";
import { type AccessHeaders, type AccessRules, accessRules, admit, isLoopbackName } from "./access.ts";

const KEYS = ["first-key", "second-key"];
const open = accessRules({ host: "127.0.0.1", requireKey: false, keys: KEYS });
const closed = accessRules({ host: "127.0.0.1", requireKey: true, keys: KEYS });
const exposed = accessRules({ host: "0.0.0.0", requireKey: false, keys: KEYS });

function outcome(rules: AccessRules, headers: AccessHeaders): string {
  try {
    return admit(rules, "caller", headers).client;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

describe("a loopback bind", () => {
  it.each(["localhost", "localhost:8080", "127.0.0.1:8080", "127.8.9.1", "[::1]:8080", "LOCALHOST"])(
    "is open to Host %s",
    (host) => {
      expect(outcome(open, { host })).toBe("local");
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
  ])("refuses Host %j, which rebinding would send", (host) => {
    expect(outcome(open, { host })).toBe("forbidden");
  });

  it.each(["http://evil.example", "null", "https://localhost.evil.example", "file://", "chrome-extension://abc"])(
    "refuses Origin %s",
    (origin) => {
      expect(outcome(open, { host: "localhost:8080", origin })).toBe("forbidden");
    },
  );

  it("serves pages of this machine, and refuses cross-site requests that carry no Origin", () => {
    expect(outcome(open, { host: "localhost:8080", origin: "http://localhost:3000" })).toBe("local");
    expect(outcome(open, { host: "localhost:8080", "sec-fetch-site": "cross-site" })).toBe("forbidden");
    expect(outcome(open, { host: "localhost:8080", "sec-fetch-site": "none" })).toBe("local");
  });

  it("takes a made-up key for none, and a real one from anywhere", () => {
    expect(outcome(open, { host: "localhost", authorization: "Bearer sk-none" })).toBe("local");
    expect(outcome(open, { host: "evil.example", authorization: "Bearer sk-none" })).toBe("forbidden");
    expect(outcome(open, { host: "proxy.example", authorization: "Bearer second-key" })).toMatch(/^key:[0-9a-f]{12}$/);
  });
});

describe.each([
  ["require-key", closed],
  ["another bind", exposed],
])("%s", (_name, rules) => {
  it.each([undefined, "", "Bearer", "Bearer wrong", "Basic first-key", "first-key", "Bearer first-key extra", "Bearer first-ke"])(
    "refuses Authorization %j",
    (authorization) => {
      expect(outcome(rules, { host: "localhost", authorization })).toBe("unauthorized");
    },
  );

  it.each(KEYS)("lets %s in, whatever Host and Origin say", (key) => {
    const headers = { host: "gpu.example", origin: "https://app.example", authorization: `Bearer ${key}` };
    expect(outcome(rules, headers)).toMatch(/^key:/);
    expect(outcome(rules, { ...headers, authorization: `bearer  ${key}` })).toMatch(/^key:/);
  });
});

it("charges each key to a client of its own, which does not show the key", () => {
  const clients = KEYS.map((key) => outcome(closed, { authorization: `Bearer ${key}` }));
  expect(new Set(clients).size).toBe(2);
  expect(clients.join()).not.toContain("key-");
});

it("does not start without keys where one is needed", () => {
  expect(() => accessRules({ host: "0.0.0.0", requireKey: false, keys: [] })).toThrow("reachable from other machines");
  expect(() => accessRules({ host: "localhost", requireKey: true, keys: [] })).toThrow("a key is required");
});

it("knows loopback names", () => {
  expect(["localhost", "127.0.0.1", "::1", "[::1]"].every(isLoopbackName)).toBe(true);
  expect(["0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example"].some(isLoopbackName)).toBe(false);
});

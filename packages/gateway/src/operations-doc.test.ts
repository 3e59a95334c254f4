import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "./gateway-limits.ts";
import { startTestGateway, type TestGateway } from "./testing/test-gateway.ts";

const text = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
let from: TestGateway;

beforeAll(async () => {
  from = await startTestGateway();
});
afterAll(() => from.close());

it("gives every limit with its default, and no other", () => {
  const section = text.slice(text.indexOf("## Limits"), text.indexOf("## Drain"));
  const rows = [...section.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name, value]) => [name, Number(value)]);
  expect(Object.fromEntries(rows)).toEqual(GATEWAY_LIMITS);
});

it("names every metric there is, and no other", async () => {
  const metrics = await (await fetch(`${from.url}/metrics`)).text();
  const there = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const documented = [...text.matchAll(/^\| `(arriero_\w+)`/gm)].map(([, name]) => name);
  expect(documented.sort()).toEqual(there.sort());
});

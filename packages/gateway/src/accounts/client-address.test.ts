import { expect, it } from "vitest";
import { clientAddress } from "./client-address.ts";

it.each([
  // Without proxies nothing is believed.
  ["10.0.0.1", "1.1.1.1", 0, "10.0.0.1"],
  ["10.0.0.1", undefined, 1, "10.0.0.1"],
  ["10.0.0.1", "203.0.113.7", 1, "203.0.113.7"],
  // What a client has written itself stands to the left.
  ["10.0.0.1", "1.1.1.1, 203.0.113.7", 1, "203.0.113.7"],
  ["10.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"],
  ["10.0.0.1", ["1.1.1.1", "2001:db8::1"], 1, "2001:db8::1"],
  ["10.0.0.1", "203.0.113.7", 2, "10.0.0.1"],
  ["10.0.0.1", "1.1.1.1, ", 1, "10.0.0.1"],
  ["10.0.0.1", "x".repeat(9000), 1, "x".repeat(64)],
] as const)("from %s saying %j behind %i: %s", (peer, forwarded, proxies, expected) =>
  expect(clientAddress(peer, forwarded, proxies)).toBe(expected),
);

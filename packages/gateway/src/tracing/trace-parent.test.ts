import { expect, it } from "vitest";
import { readTraceParent, writeTraceParent } from "./trace-parent.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

it.each([
  [`00-${traceId}-${spanId}-01`, true],
  [`00-${traceId}-${spanId}-00`, false],
  // A later version may say more behind it.
  [`cc-${traceId}-${spanId}-03-more`, true],
])("reads %s", (header, sampled) => expect(readTraceParent(header)).toEqual({ traceId, spanId, sampled }));

it.each([
  undefined,
  "",
  "00",
  [`00-${traceId}-${spanId}-01`],
  `ff-${traceId}-${spanId}-01`,
  `00-${"0".repeat(32)}-${spanId}-01`,
  `00-${traceId}-${"0".repeat(16)}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
])("takes %j for none", (header) => expect(readTraceParent(header)).toBeNull());

it("writes what it reads", () => {
  const header = `00-${traceId}-${spanId}-01`;
  expect(writeTraceParent(readTraceParent(header)!)).toBe(header);
});

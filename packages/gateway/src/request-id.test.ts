import { expect, it } from "vitest";
import { requestIds } from "./request-id.ts";

const random = (bytes: number) => Buffer.alloc(bytes, 0xab);

it("keeps a usable id of the caller, and makes a unique one from it for the replica", () => {
  expect(requestIds("trace-1.a_B", random)).toEqual({ request: "trace-1.a_B", generation: "trace-1.a_B-abababab" });
});

it.each([undefined, "", "a b", "x\r\ny", "é", "a".repeat(81), ["a", "b"]])("makes its own instead of %j", (given) => {
  const id = "ab".repeat(12);
  expect(requestIds(given, random)).toEqual({ request: id, generation: id });
});

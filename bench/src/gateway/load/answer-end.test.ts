import { expect, test } from "vitest";
import { answerEnd } from "./answer-end.ts";

const whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const chunked = "HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";

test.each([
  [whole, 200],
  [chunked, 503],
])("an answer is complete with its last byte, not before", (text, status) => {
  const bytes = Buffer.from(text);
  for (let length = 0; length < bytes.length; length++) expect(answerEnd(bytes.subarray(0, length)).kind).toBe("incomplete");
  expect(answerEnd(bytes)).toEqual({ kind: "complete", status, end: bytes.length });
});

test("an answer that ends with its connection cannot be counted", () => {
  expect(() => answerEnd(Buffer.from("HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello"))).toThrow("without a length");
});

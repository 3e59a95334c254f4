import { ArrieroError, ERROR_CATALOGUE, type ErrorCode } from "@arriero/spec";
import { expect, test } from "vitest";
import { formatError } from "./errors.ts";

test.each([
  ["invalid_request", 422, "validation"],
  ["context_length_exceeded", 422, "validation"],
  ["unsupported", 422, "validation"],
  ["queue_full", 429, "overloaded"],
  ["replica_failed", 424, "generation"],
  ["adapter_not_found", 404, "adapter_not_found"],
  ["unauthorized", 401, "unauthorized"],
  ["replica_unavailable", 503, "replica_unavailable"],
] as const)("%s is %i %s", (code, status, type) => {
  const answer = formatError(new ArrieroError(code, "Rule and value.", { retryAfter: 1.2 }));
  expect(answer).toEqual({
    status,
    headers: { "retry-after": "2" },
    body: { error: `Rule and value. ${ERROR_CATALOGUE[code].hint}`, error_type: type, code },
  });
});

test("every code of the catalogue has a status of 400 or more and a body", () => {
  for (const code of Object.keys(ERROR_CATALOGUE) as ErrorCode[]) {
    const { body, status } = formatError(new ArrieroError(code, "m"));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body.code).toBe(code);
  }
});

test("an unknown fault says nothing of its cause", () => {
  const { body, status } = formatError(new TypeError("secret of the inside"));
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("secret");
});

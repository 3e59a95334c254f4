import { ArrieroError, ERROR_CATALOGUE, type ErrorCode } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import { formatError } from "./errors.ts";

test.each([
  ["invalid_request", 400, "invalid_request_error"],
  ["unauthorized", 401, "authentication_error"],
  ["forbidden", 403, "permission_error"],
  ["model_not_found", 404, "not_found_error"],
  ["queue_full", 429, "rate_limit_error"],
  ["replica_unavailable", 503, "server_error"],
] as const)("%s is %i %s", (code, status, type) => {
  const answer = formatError(new ArrieroError(code, "Rule and value.", { param: "x" }));
  expect(answer).toEqual({
    status,
    headers: {},
    body: { error: { message: `Rule and value. ${ERROR_CATALOGUE[code].hint}`, type, param: "x", code } },
  });
});

test("every code of the catalogue has a status of 400 or more and a body", () => {
  for (const code of Object.keys(ERROR_CATALOGUE) as ErrorCode[]) {
    const { status, body } = formatError(new ArrieroError(code, "m"));
    expect(status).toBe(ERROR_CATALOGUE[code].status);
    expect(body.error.code).toBe(code);
  }
});

describe("Retry-After", () => {
  test.each([
    [1.2, "2"],
    [0, "1"],
  ])("%d s is sent as %s", (retryAfter, header) => {
    expect(formatError(new ArrieroError("queue_full", "m", { retryAfter })).headers).toEqual({ "retry-after": header });
  });
});

test("an unknown fault says nothing of its cause", () => {
  const { status, body } = formatError(new TypeError("secret of the inside"));
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("secret");
});

import { ArrieroError } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { UpstreamBroken } from "../upstream-broken.ts";
import { explainRefusal, readRetryAfter } from "./refusal.ts";

const SECRET = "sk-very-secret";
const said = (status: number, body: unknown = { error: { message: `wrong: ${SECRET}` } }) =>
  explainRefusal({ status, body, secret: SECRET, retryAfter: 5 });

describe("explainRefusal", () => {
  it.each([401, 402, 403, 404, 405])("takes %i for our configuration's fault, which another backend may not have", (status) => {
    const fault = said(status);
    expect(fault).toBeInstanceOf(UpstreamBroken);
    expect((fault as UpstreamBroken).error.code).toBe("backend_misconfigured");
  });

  it.each([
    [400, { error: { message: "temperature must be positive" } }, "invalid_request"],
    [422, { detail: "unknown field" }, "invalid_request"],
    [400, { error: { message: "maximum context length is 4096 tokens" } }, "context_length_exceeded"],
    [413, "too large", "body_too_large"],
    [429, {}, "rate_limited"],
  ])("takes %i %j for the request's", (status, body, code) => {
    expect(said(status, body)).toBeInstanceOf(ArrieroError);
    expect(said(status, body)).toMatchObject({ code });
  });

  it.each([400, 401, 403, 404, 429, 500, 503])("never repeats the credential (%i)", (status) => {
    const fault = said(status);
    const error = fault instanceof UpstreamBroken ? fault.error : fault;
    expect(JSON.stringify(error.body) + error.message + fault.message).not.toContain(SECRET);
  });

  it("hands the wait on", () => {
    expect(said(429)).toMatchObject({ body: { retryAfter: 5 } });
    expect(said(503)).toMatchObject({ error: { body: { retryAfter: 5 } } });
  });
});

describe("readRetryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    ["7", 7],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["99999999999", 86_400],
    ["soon", undefined],
    [undefined, undefined],
  ])("reads %j", (header, seconds) => expect(readRetryAfter(header, now)).toBe(seconds));
});

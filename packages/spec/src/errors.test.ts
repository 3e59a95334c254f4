import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArrieroError, ERROR_CATALOGUE, type ErrorBody, type ErrorCode } from "./errors.ts";

const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[];
const guide = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");

/** The rows of the guide's table: code, status, when, hint. */
const rows = guide
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, code = "", status = "", when = "", hint = ""]) => ({ code: code.replaceAll("`", ""), status, when, hint }));

describe("docs/errors.md", () => {
  test("has every code once, in the catalogue's order", () => expect(rows.map(({ code }) => code)).toEqual(codes));

  test.each(rows)("says of $code what the catalogue says", ({ code, status, when, hint }) => {
    const entry = ERROR_CATALOGUE[code as ErrorCode];
    expect(status).toBe(String(entry.status));
    expect(hint).toBe(entry.hint);
    expect(when).not.toBe("");
  });
});

describe("the catalogue", () => {
  test.each(codes)("%s has an error's status and a hint that is a sentence", (code) => {
    const { status, hint } = ERROR_CATALOGUE[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(hint).toMatch(/^[A-Z].*\.$/);
  });
});

describe("ArrieroError", () => {
  test("takes status and hint from the catalogue", () => {
    const error = new ArrieroError("model_not_found", "there is no model llama");
    expect(error.status).toBe(404);
    expect(error.body).toEqual({
      code: "model_not_found",
      message: "there is no model llama",
      hint: ERROR_CATALOGUE.model_not_found.hint,
    });
  });

  test("a hint of its own wins over the catalogue's", () => {
    expect(new ArrieroError("pull_failed", "401", { hint: "Set HF_TOKEN." }).body.hint).toBe("Set HF_TOKEN.");
  });

  test("law: any error body comes back the same from another process", () => {
    const body = fc.record<ErrorBody, "code" | "message" | "hint">(
      {
        code: fc.constantFrom(...codes),
        message: fc.string(),
        hint: fc.string(),
        param: fc.string(),
        retryAfter: fc.nat(),
      },
      { requiredKeys: ["code", "message", "hint"] },
    );
    fc.assert(
      fc.property(body, (sent) => {
        expect(ArrieroError.from(JSON.parse(JSON.stringify(sent)) as ErrorBody).body).toEqual(sent);
      }),
    );
  });

  test("wrap keeps a coded error as it is", () => {
    const error = new ArrieroError("draining", "going");
    expect(ArrieroError.wrap(error)).toBe(error);
  });

  test.each([
    [new TypeError("x is not a function"), "x is not a function"] as const,
    ["a bare string", "a bare string"] as const,
  ])("wrap makes %s internal and keeps it as the cause", (thrown, message) => {
    const error = ArrieroError.wrap(thrown);
    expect([error.code, error.message, error.cause]).toEqual(["internal", message, thrown]);
  });

  test("without a cause there is none", () => expect("cause" in new ArrieroError("internal", "x")).toBe(false));
});

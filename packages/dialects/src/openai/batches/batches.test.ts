import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPage, parsePage } from "../page.ts";
import { formatBatchLine } from "./format.ts";
import { parseBatch, parseBatchLine } from "./parse.ts";

const asked = { input_file_id: "file-1", endpoint: "/v1/chat/completions", completion_window: "24h" };
const line = { custom_id: "a", method: "POST", url: "/v1/chat/completions", body: { model: "m" } };
const param = (run: () => unknown) => {
  try {
    run();
  } catch (thrown) {
    return thrown instanceof ArrieroError ? (thrown.body.param ?? thrown.code) : thrown;
  }
  return null;
};

describe("a batch", () => {
  it("is read with its defaults, null counting as absent", () => {
    expect(parseBatch({ ...asked, metadata: null, output_expires_after: null, extra: 1 })).toEqual({
      inputFileId: "file-1",
      endpoint: "/v1/chat/completions",
      window: "24h",
      windowMs: 86_400_000,
      metadata: null,
      outputSeconds: null,
    });
    const more = { metadata: { a: "b" }, output_expires_after: { anchor: "created_at", seconds: 7200 } };
    expect(parseBatch({ ...asked, ...more })).toMatchObject({ metadata: { a: "b" }, outputSeconds: 7200 });
  });
  it.each([
    [{ completion_window: "a day" }, "completion_window"],
    [{ completion_window: "0h" }, "completion_window"],
    [{ completion_window: "169h" }, "completion_window"],
    [{ endpoint: "/v1/moderations" }, "endpoint"],
    [{ endpoint: null }, "endpoint"],
    [{ input_file_id: 7 }, "input_file_id"],
    [{ metadata: { a: 7 } }, "metadata.a"],
    [{ output_expires_after: { seconds: 1 } }, "output_expires_after.seconds"],
  ])("is refused with %j", (changes, expected) => {
    expect(param(() => parseBatch({ ...asked, ...changes }))).toBe(expected);
  });
});

describe("a line of its input", () => {
  const read = (value: unknown) => parseBatchLine(JSON.stringify(value), "/v1/chat/completions");
  it("is read", () => expect(read(line)).toEqual({ customId: "a", body: { model: "m" } }));
  it.each([
    [{ ...line, custom_id: "" }, "custom_id"],
    [{ ...line, method: "GET" }, "method"],
    [{ ...line, url: "/v1/embeddings" }, "url"],
    [{ ...line, body: "x" }, "body"],
    [{ ...line, body: null }, "body"],
    [[], "invalid_json"],
  ])("is refused as %j", (value, expected) => expect(param(() => read(value))).toBe(expected));
  it("is valid or refused with a code, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseBatchLine(text, "/v1/responses");
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ArrieroError);
          expect((thrown as ArrieroError).status).toBe(400);
        }
      }),
    );
  });
});

it("a line that was not run has an error and no response", () => {
  expect(formatBatchLine("l", "a", { kind: "not-run", code: "batch_expired", message: "late" })).toEqual({
    id: "l",
    custom_id: "a",
    response: null,
    error: { code: "batch_expired", message: "late" },
  });
});

it("pages together are the list, whatever the limit", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.integer({ min: 1, max: 7 }), fc.constantFrom("asc", "desc"), (length, limit, order) => {
      const all = Array.from({ length }, (_, index) => ({ id: `id-${index}` }));
      const read: { id: string }[] = [];
      for (let after: string | null = null; ; ) {
        const query: URLSearchParams = new URLSearchParams({ limit: String(limit), order, ...(after === null ? {} : { after }) });
        const page = formatPage(all, parsePage(query, { usual: 20, most: 100 }));
        read.push(...page.data);
        after = page.last_id;
        if (!page.has_more) break;
      }
      expect(read).toEqual(order === "desc" ? all : all.toReversed());
    }),
  );
});

import { readFileSync } from "node:fs";
import { ArrieroError, RerankRequest } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatRerank } from "./format.ts";
import { parseRerank } from "./parse.ts";

const CONTEXT = { id: "r1" };
const RECORDED = JSON.parse(readFileSync(new URL("fixtures/xinference-client.json", import.meta.url), "utf8"));

function parse(extra: Record<string, unknown> = {}) {
  return parseRerank({ model: "m", query: "q", documents: ["a", "b", "c"], ...extra }, CONTEXT);
}

describe("parse", () => {
  test("what Xinference's client sends", () => {
    const { request, presentation } = parseRerank(RECORDED, CONTEXT);
    expect(RerankRequest.parse(request)).toEqual({
      id: "r1",
      model: "ranker",
      query: "Who drives llamas?",
      documents: RECORDED.documents,
    });
    expect(presentation).toEqual({ id: "rerank-r1", model: "ranker", top: 2, documents: RECORDED.documents });
  });

  test("documents may be objects with a text; texts are not sent back unless asked for", () => {
    const { request, presentation } = parse({ documents: ["a", { text: "b", title: "ignored" }] });
    expect(request.documents).toEqual(["a", "b"]);
    expect(presentation).toMatchObject({ top: 2, documents: null });
  });

  test.each([
    [{ model: "" }, "model"],
    [{ query: null }, "query"],
    [{ query: "" }, "query"],
    [{ documents: [] }, "documents"],
    [{ documents: "a" }, "documents"],
    [{ documents: Array(1025).fill("a") }, "documents"],
    [{ documents: ["a", 7] }, "documents[1]"],
    [{ documents: [{ text: 7 }] }, "documents[0].text"],
    [{ top_n: 0 }, "top_n"],
    [{ top_n: "2" }, "top_n"],
    [{ return_documents: "yes" }, "return_documents"],
  ])("refuses %j", (extra, param) => {
    expect(() => parse(extra)).toThrow(
      expect.objectContaining({ code: "invalid_request", body: expect.objectContaining({ param }) }),
    );
  });
});

test("law: whatever is sent is a valid request or a coded 4xx", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constant(["a", "b"]),
    fc.array(fc.record({ text: fc.string() })),
    fc.string(),
    fc.nat(5),
  );
  const valid = { model: "m", query: "q", documents: ["a", { text: "b" }] };
  const key = fc.constantFrom("model", "query", "documents", "top_n", "return_documents", "__proto__");
  const body = fc.tuple(key, value).map(([name, changed]) => ({ ...valid, [name]: changed }));
  const outcomes = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (sent) => {
      try {
        RerankRequest.parse(parseRerank(sent, CONTEXT).request);
        outcomes.accepted++;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ArrieroError);
        expect((thrown as ArrieroError).status).toBe(400);
        outcomes.refused++;
      }
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(10);
});

describe("format", () => {
  const result = { model: "m", scores: [-1, 2.5, 0], promptTokens: 12 };

  test("best first, cut to top_n, with the texts asked for", () => {
    expect(formatRerank(result, parse({ top_n: 2, return_documents: true }).presentation)).toEqual({
      id: "rerank-r1",
      model: "m",
      results: [
        { index: 1, relevance_score: 2.5, document: { text: "b" } },
        { index: 2, relevance_score: 0, document: { text: "c" } },
      ],
      meta: { tokens: { input_tokens: 12, output_tokens: 0 } },
      usage: { prompt_tokens: 12, total_tokens: 12 },
    });
  });

  test("law: every document once, never a worse one before a better, equals in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 30 }), (scores) => {
        const documents = scores.map(String);
        const { presentation } = parse({ documents });
        const { results } = formatRerank({ model: "m", scores, promptTokens: 1 }, presentation);
        expect(results.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...scores.keys()]);
        for (const [i, each] of results.entries()) {
          expect(each.relevance_score).toBe(scores[each.index]);
          const next = results[i + 1];
          if (next === undefined) continue;
          const [rank, worse] = [each.relevance_score, next.relevance_score];
          expect(rank > worse || (rank === worse && each.index < next.index)).toBe(true);
        }
      }),
    );
  });
});

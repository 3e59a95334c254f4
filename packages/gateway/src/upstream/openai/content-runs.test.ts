import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContentRuns } from "./content-runs.ts";

const chunkOf = (content: string) => ({
  id: "c",
  choices: [{ index: 1, delta: { content }, logprobs: null, finish_reason: null }],
});
const frameOf = (content: string) => `data: ${JSON.stringify(chunkOf(content))}\n\n`;

function taught(chunk: Record<string, unknown> = chunkOf("Hola")): ContentRuns {
  const runs = new ContentRuns();
  runs.learn(JSON.stringify(chunk), chunk);
  return runs;
}

describe("a run", () => {
  it("law: says what parsing each of its frames says", () => {
    const piece = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const text = pieces.map(frameOf).join("");
        const runs = taught();
        let said = "";
        let counted = 0;
        for (let at = 0; at < text.length; ) {
          const run = runs.take(text, at);
          // A frame with a quote or something unusual in its text is the parser's.
          if (run === null) {
            const end = text.indexOf("\n\n", at) + 2;
            said += JSON.parse(text.slice(at + 6, end)).choices[0].delta.content;
            counted++;
            at = end;
          } else {
            said += run.text;
            counted += run.pieces;
            at = run.end;
          }
        }
        expect([said, counted]).toEqual([pieces.join(""), pieces.length]);
      }),
    );
  });

  it("counts its pieces and those that came twice, and tells its first and last frame", () => {
    const text = ["a", "a", "b\\n", "b\\n", "b\\n"].map(frameOf).join("");
    const run = taught().take(text, 0);
    expect(run).toMatchObject({ choice: 1, text: "aab\\nb\\nb\\n", pieces: 5, repeats: 3, end: text.length });
    expect([run?.first, run?.last]).toEqual([JSON.stringify(chunkOf("a")), JSON.stringify(chunkOf("b\\n"))]);
  });

  it.each([
    ["a finish", { ...chunkOf("x"), choices: [{ index: 1, delta: { content: "x" }, logprobs: null, finish_reason: "stop" }] }],
    ["usage", { ...chunkOf("x"), usage: { completion_tokens: 3 } }],
    ["another choice", { id: "c", choices: [{ index: 0, delta: { content: "x" }, logprobs: null, finish_reason: null }] }],
    ["no text", chunkOf("")],
    ["an error", { error: { message: "x" } }],
  ])("ends before %s", (_, chunk) => {
    const text = `${frameOf("a")}data: ${JSON.stringify(chunk)}\n\n`;
    expect(taught().take(text, 0)).toMatchObject({ text: "a", end: frameOf("a").length });
  });

  it("ends before a frame that is not all there", () => {
    const text = frameOf("a") + frameOf("b");
    for (let length = frameOf("a").length; length < text.length; length++) {
      expect(taught().take(text.slice(0, length), 0)).toMatchObject({ text: "a" });
    }
  });
});

describe("what is learnt from", () => {
  it.each([
    ["a frame with reasoning beside the text", { choices: [{ delta: { content: "a", reasoning_content: "b" } }] }],
    ["a frame with a tool call", { choices: [{ delta: { content: "a", tool_calls: [{ index: 0 }] } }] }],
    ["a frame that ends the choice", { choices: [{ delta: { content: "a" }, finish_reason: "stop" }] }],
    ["a frame with a running count", { choices: [{ delta: { content: "a" } }], usage: { completion_tokens: 1 } }],
    ["two choices", { choices: [{ delta: { content: "a" } }, { delta: { content: "b" } }] }],
    ["a text that stands there twice", { note: { content: "a" }, choices: [{ delta: { content: "a" } }] }],
    ["no text", { choices: [{ delta: { role: "assistant", content: "" } }] }],
  ])("not %s", (_, chunk) => {
    const frame = `data: ${JSON.stringify(chunk)}\n\n`;
    expect(taught(chunk).take(frame, 0)).toBeNull();
  });

  it("gives up on frames that differ in more than their text", () => {
    const runs = new ContentRuns();
    for (let i = 0; i < 20; i++) {
      const chunk = { salt: i, ...chunkOf("a") };
      runs.learn(JSON.stringify(chunk), chunk);
    }
    expect(runs.take(`data: ${JSON.stringify({ salt: 19, ...chunkOf("b") })}\n\n`, 0)).toBeNull();
    expect(runs.take(`data: ${JSON.stringify({ salt: 7, ...chunkOf("b") })}\n\n`, 0)).toMatchObject({ text: "b" });
  });
});

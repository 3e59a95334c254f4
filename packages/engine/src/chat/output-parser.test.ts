import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputParser, type OutputPiece, type OutputSetup } from "./output-parser.ts";
import { toolCallId } from "./tool-call-id.ts";
import { hermesFormat } from "./tools/hermes-format.ts";

const THINK = { start: "<think>", end: "</think>" } as const;
const tools = { format: hermesFormat, definitions: [{ name: "now", parameters: { type: "object" } }] };
const base: OutputSetup = {
  reasoning: { ...THINK, place: "unknown" },
  tools,
  stop: [],
  callId: (index) => toolCallId("request-1:7", 0, index),
};

function run(setup: OutputSetup, pieces: readonly string[]) {
  const parser = new OutputParser(setup);
  const read: OutputPiece[] = [...pieces.flatMap((piece) => parser.feed(piece)), ...parser.finish()];
  return { pieces: join(read), stopped: parser.stopped, calls: parser.calls };
}

/** Neighbours of one kind as one, as whoever reads the stream sees them. */
function join(pieces: readonly OutputPiece[]): OutputPiece[] {
  const joined: OutputPiece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.type === "tool-call" && piece.type === "tool-call" && last.index === piece.index)
      joined[joined.length - 1] = { ...last, arguments: last.arguments + piece.arguments };
    else if (last !== undefined && last.type !== "tool-call" && piece.type === last.type)
      joined[joined.length - 1] = { ...last, text: last.text + piece.text };
    else joined.push(piece);
  }
  return joined;
}

describe("OutputParser", () => {
  it("parts reasoning, text and calls", () => {
    const text =
      '<think>\nShall I?\n\nYes.\n</think>\n\nLet me see.\n<tool_call>\n{"name": "now", "arguments": {"tz": "UTC"}}\n</tool_call>\n<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>';
    expect(run(base, [text])).toEqual({
      pieces: [
        { type: "reasoning", text: "Shall I?\n\nYes." },
        { type: "text", text: "Let me see." },
        { type: "tool-call", index: 0, id: toolCallId("request-1:7", 0, 0), name: "now", arguments: '{"tz": "UTC"}' },
        { type: "tool-call", index: 1, id: toolCallId("request-1:7", 0, 1), name: "now", arguments: "{}" },
      ],
      stopped: null,
      calls: 2,
    });
  });

  it("starts inside reasoning that the prompt opened, and keeps what is not closed as reasoning", () => {
    const setup: OutputSetup = { ...base, reasoning: { ...THINK, place: "open" } };
    expect(run(setup, ["so </think> Hi"]).pieces).toEqual([
      { type: "reasoning", text: "so" },
      { type: "text", text: "Hi" },
    ]);
    expect(run(setup, ["so it"]).pieces).toEqual([{ type: "reasoning", text: "so it" }]);
    const parser = new OutputParser(setup);
    expect(parser.inReasoning).toBe(true);
    parser.feed("so </thi");
    expect(parser.inReasoning).toBe(true);
    parser.feed("nk>");
    expect(parser.inReasoning).toBe(false);
  });

  it("takes marks in the middle of the answer for text", () => {
    expect(run(base, ["Use <think> tags"]).pieces).toEqual([{ type: "text", text: "Use <think> tags" }]);
    expect(run({ ...base, reasoning: null }, ["<think>a</think>"]).pieces).toEqual([{ type: "text", text: "<think>a</think>" }]);
    expect(run({ ...base, tools: null }, ["<tool_call>{}"]).pieces).toEqual([{ type: "text", text: "<tool_call>{}" }]);
  });

  it("looks for stop sequences in the text, not in reasoning or calls, and ends there", () => {
    const setup = { ...base, stop: ["END"] };
    const text =
      '<think>END</think>a<tool_call>{"name": "now", "arguments": {"x": "END"}}</tool_call>b END c<tool_call>{"name": "now"}</tool_call>';
    const { pieces, stopped, calls } = run(setup, [text]);
    expect(pieces.map((piece) => (piece.type === "tool-call" ? piece.arguments : piece.text))).toEqual([
      "END",
      "a",
      '{"x": "END"}',
      "b ",
    ]);
    expect([stopped, calls]).toEqual(["END", 1]);
  });

  it("counts a stop that waited for a longer one when a call or the end comes", () => {
    const setup = { ...base, stop: ["ab", "abc"] };
    expect(run(setup, ['x ab<tool_call>{"name": "now"}</tool_call>'])).toEqual({
      pieces: [{ type: "text", text: "x " }],
      stopped: "ab",
      calls: 0,
    });
    expect(run(setup, ["x ab"])).toEqual({ pieces: [{ type: "text", text: "x " }], stopped: "ab", calls: 0 });
    expect(run(setup, ["x a"])).toEqual({ pieces: [{ type: "text", text: "x a" }], stopped: null, calls: 0 });
  });

  it("is a function of the text, wherever it is cut", () => {
    const atoms = [
      "<think>",
      "</think>",
      "<tool_call>",
      "</tool_call>",
      '{"name": "now", "arguments": {"a": "',
      '"}}',
      "{",
      "\n",
      " ",
      "word",
      "🦙",
      "STOP",
      "ST",
      "<",
      "</t",
    ];
    const setups = fc.record({
      place: fc.constantFrom("open" as const, "closed" as const, "unknown" as const, null),
      tools: fc.constantFrom(tools, null),
      stop: fc.constantFrom([], ["STOP"], ["ST", "STOP", "\n\n"], ["</t"]),
    });
    fc.assert(
      fc.property(
        setups,
        fc.array(fc.constantFrom(...atoms), { maxLength: 14 }),
        fc.array(fc.nat(7), { maxLength: 50 }),
        ({ place, ...rest }, parts, sizes) => {
          const setup: OutputSetup = { ...base, ...rest, reasoning: place === null ? null : { ...THINK, place } };
          const text = parts.join("");
          const pieces: string[] = [];
          let at = 0;
          for (const size of sizes) {
            pieces.push(text.slice(at, at + size));
            at += size;
          }
          pieces.push(text.slice(at));
          expect(run(setup, pieces)).toEqual(run(setup, [text]));
        },
      ),
      { numRuns: 800 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { follow, NOTHING_YET, wholeWords } from "./live-text.ts";

describe("follow", () => {
  it("puts deltas behind and lets a snapshot replace", () => {
    let state = follow(NOTHING_YET, { type: "delta", text: "The " });
    state = follow(state, { type: "delta", text: "llama", reasoning: "hm" });
    expect(state).toMatchObject({ text: "The llama", reasoning: "hm" });
    state = follow(state, {
      type: "snapshot",
      messageId: "m",
      text: "The llama is",
      reasoning: "",
      toolCalls: [],
      dropped: null,
    });
    expect(state).toMatchObject({ text: "The llama is", reasoning: "" });
  });

  it("gathers a tool call from its pieces", () => {
    let state = follow(NOTHING_YET, { type: "delta", toolCalls: [{ index: 0, id: "c", name: "weigh", arguments: '{"a"' }] });
    state = follow(state, { type: "delta", toolCalls: [{ index: 0, arguments: ":1}" }] });
    expect(state.toolCalls).toEqual([{ id: "c", name: "weigh", arguments: '{"a":1}' }]);
  });

  it("keeps what is there when another server goes on", () => {
    const state = follow({ ...NOTHING_YET, text: "The " }, { type: "continued" });
    expect(state).toMatchObject({ text: "The ", wasContinued: true });
  });
});

describe("wholeWords", () => {
  it("holds a word back until it has ended", () => {
    expect(wholeWords("The lla")).toBe("The ");
    expect(wholeWords("The llama ")).toBe("The llama ");
    expect(wholeWords("")).toBe("");
  });
  it("does not wait for a word without an end", () => {
    const long = "x".repeat(60);
    expect(wholeWords(long)).toBe(long);
  });
});

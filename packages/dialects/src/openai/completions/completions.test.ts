import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import { describe, expect, test } from "vitest";
import {
  CONTEXT,
  decode,
  finish,
  gather,
  logprob,
  START,
  scripted,
  settled,
  text,
  USAGE,
} from "../../testing/scripted-events.ts";
import { fixture } from "../testing/fixture.ts";
import { collectCompletion, streamCompletion } from "./format.ts";
import { parseCompletion } from "./parse.ts";

function parse(extra: Record<string, unknown>) {
  return parseCompletion({ model: "m", prompt: "One", ...extra }, CONTEXT);
}

describe("parse", () => {
  test.each([
    ["One", [{ kind: "text", text: "One" }]],
    ["", [{ kind: "text", text: "" }]],
    [
      ["a", "b"],
      [
        { kind: "text", text: "a" },
        { kind: "text", text: "b" },
      ],
    ],
    [[1, 2], [{ kind: "tokens", tokens: [1, 2] }]],
    [
      [[1], [2, 3]],
      [
        { kind: "tokens", tokens: [1] },
        { kind: "tokens", tokens: [2, 3] },
      ],
    ],
  ])("prompt %j", (prompt, inputs) => {
    const { requests } = parse({ prompt });
    expect(requests.map((each) => each.input)).toEqual(inputs);
    for (const request of requests) expect(() => settled(request)).not.toThrow();
  });

  test("16 tokens unless said otherwise; ids differ by prompt, and a seed that is not named is left open", () => {
    const { requests } = parseCompletion({ model: "m", prompt: ["a", "b"] }, CONTEXT);
    expect(requests.map((each) => [each.id, each.sampling.seed, each.maxTokens])).toEqual([
      ["r1", undefined, 16],
      ["r1-1", undefined, 16],
    ]);
  });

  test.each([
    [{ suffix: "x" }, "unsupported", "suffix"],
    [{ best_of: 3, n: 2 }, "unsupported", "best_of"],
    [{ echo: true, logprobs: 1 }, "unsupported", "echo"],
    [{ echo: true, prompt: [1, 2] }, "unsupported", "echo"],
    [{ logprobs: 6 }, "invalid_request", "logprobs"],
    [{ logprobs: true }, "invalid_request", "logprobs"],
    [{ prompt: [] }, "invalid_request", "prompt"],
    [{ prompt: null }, "invalid_request", "prompt"],
    [{ prompt: [1, "a"] }, "invalid_request", "prompt[1]"],
    [{ prompt: ["a", [-1]] }, "invalid_request", "prompt[1][0]"],
    [{ prompt: ["a", []] }, "invalid_request", "prompt[1]"],
    [{ prompt: Array(20).fill("a"), n: 8 }, "invalid_request", "prompt"],
  ])("refuses %j", (extra, code, param) => {
    const attempt = () => parse(extra);
    expect(attempt).toThrow(expect.objectContaining({ code, body: expect.objectContaining({ param }) }));
  });
});

describe("format", () => {
  const drawn = [START, text(" two", 0, [logprob(" two")]), text("", 0, [logprob("ñ")]), text("ñé", 0, [logprob("é")])];

  test("frames with log probabilities", async () => {
    const { presentation } = parse({ logprobs: 2, stream_options: { include_usage: true } });
    const events = [...drawn, text("", 0, [logprob(".")]), finish("length"), USAGE];
    let bytes = "";
    for await (const frame of streamCompletion([scripted(events)], { ...presentation, prefixes: ["One"] })) bytes += frame;
    expect(bytes).toBe(fixture("completion-logprobs.sse"));
  });

  test("frames over several prompts: numbered choices, one summed usage", async () => {
    const { presentation } = parse({ prompt: ["a", "b"], n: 2, echo: true, stream_options: { include_usage: true } });
    const events = [START, text("x", 1), finish("stop", 0), finish("stop", 1), USAGE];
    const frames = decode(await gather(streamCompletion([scripted(events), scripted(events)], presentation)));
    const texts: Record<number, string> = {};
    for (const frame of frames.slice(0, -2)) {
      const { index, text } = (frame as { choices: [{ index: number; text: string }] }).choices[0];
      texts[index] = (texts[index] ?? "") + text;
    }
    expect(texts).toEqual({ 0: "a", 1: "ax", 2: "b", 3: "bx" });
    expect(frames.at(-2)).toMatchObject({ choices: [], usage: { prompt_tokens: 18, completion_tokens: 6 } });
    expect(frames.at(-1)).toBe("[DONE]");
  });

  test("whole, with several prompts", async () => {
    const { presentation } = parse({ prompt: ["a", "b"], logprobs: 1 });
    const whole = await collectCompletion(
      [scripted([...drawn, finish(), USAGE]), scripted([START, text("z"), finish("length"), USAGE])],
      presentation,
    );
    expect(whole.choices.map(({ index, text, finish_reason }) => [index, text, finish_reason])).toEqual([
      [0, " twoñé", "stop"],
      [1, "z", "length"],
    ]);
    expect(whole.choices[0]?.logprobs?.text_offset).toEqual([0, 4, 5]);
    expect(whole.usage.total_tokens).toBe(24);
  });

  test("one prompt's error ends all", async () => {
    const { presentation } = parse({ prompt: ["a", "b"] });
    const { body } = new ArrieroError("replica_failed", "Gone.");
    const bad: GenerationEvent[] = [START, { type: "error", error: body }];
    const good = [START, text("z"), finish(), USAGE];
    await expect(collectCompletion([scripted(good), scripted(bad)], presentation)).rejects.toMatchObject({
      code: "replica_failed",
    });
    await expect(collectCompletion([scripted(good), scripted([START])], presentation)).rejects.toMatchObject({
      code: "replica_failed",
    });
    const frames = await gather(streamCompletion([scripted(good), scripted([START])], presentation));
    expect(frames.at(-1)).toContain('"code":"replica_failed"');
  });
});

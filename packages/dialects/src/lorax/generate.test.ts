import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { finish, gather, logprob, START, scripted, text, USAGE } from "../testing/scripted-events.ts";
import type { AnswerContext } from "./answer-context.ts";
import { streamGenerate } from "./format.ts";
import { collectGenerate } from "./whole.ts";

const CONTEXT: AnswerContext = {
  stream: true,
  details: true,
  prefill: false,
  prefix: "",
  alternatives: null,
  seed: null,
  maxTokens: null,
  prefillTokens: [],
};
const with1 = (words: string) => text(words, 0, [logprob(words)]);
const EVENTS = [START, with1("Hi"), with1(" you"), finish(), USAGE];

interface Frame {
  readonly index: number;
  readonly token: { readonly id: number; readonly text: string; readonly special: boolean };
  readonly generated_text: string | null;
  readonly details: Record<string, unknown> | null;
  readonly error?: string;
}

async function frames(events: readonly GenerationEvent[], context: Partial<AnswerContext> = {}): Promise<Frame[]> {
  const all = await gather(streamGenerate(scripted(events), { ...CONTEXT, ...context }));
  return all.map((frame) => JSON.parse(frame.slice("data:".length)));
}

test("one frame a token at once, then the closing one with the whole text", async () => {
  const token = { id: 1, logprob: -0.5, special: false, skipped: false };
  const details = { finish_reason: "eos_token", prompt_tokens: 9, input_length: 9, generated_tokens: 3, seed: null };
  expect(await frames(EVENTS)).toEqual([
    { index: 1, token: { ...token, text: "Hi" }, generated_text: null, details: null },
    { index: 2, token: { ...token, text: " you" }, generated_text: null, details: null },
    { index: 3, token: { id: 0, text: "", logprob: 0, special: true, skipped: false }, generated_text: "Hi you", details },
  ]);
});

test("the limit's last token is the last frame", async () => {
  const cut = [START, with1("Hi"), with1(" you"), finish("length"), USAGE];
  const all = await frames(cut, { maxTokens: 2, details: false, prefix: "Q: " });
  expect(all.map(({ token }) => token.text)).toEqual(["Hi", " you"]);
  expect(all.at(-1)).toMatchObject({ generated_text: "Q: Hi you", details: null });
});

test("a token that a stop sequence swallowed is the last", async () => {
  const stopped = { ...(finish() as object), stopSequence: "." } as GenerationEvent;
  const all = await frames([START, with1("Hi"), text("", 0, [logprob(".")]), stopped, USAGE], { seed: 5 });
  expect(all.map(({ token }) => token.text)).toEqual(["Hi", ""]);
  expect(all.at(-1)).toMatchObject({ generated_text: "Hi", details: { finish_reason: "stop_sequence", seed: 5 } });
});

const NOTHING_DRAWN: GenerationEvent = { type: "text", choice: 0, tokens: [], text: "late" };

test("text that comes late goes to the token that waited for it", async () => {
  const all = await frames([START, with1("Hi"), text("", 0, [logprob("<")]), NOTHING_DRAWN, finish(), USAGE]);
  expect(all.map(({ token }) => [token.id, token.text])).toEqual([
    [1, "Hi"],
    [1, "late"],
  ]);
});

test("the texts of all tokens that are not special are the text, however it is released", async () => {
  const pieces = fc.array(fc.record({ words: fc.string({ maxLength: 3 }), drawn: fc.boolean() }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.option(fc.nat(12)), async (all, maxTokens) => {
      const events = all.map(({ drawn, words }) => (drawn ? with1(words) : { ...NOTHING_DRAWN, text: words }));
      const script = [START, ...events, finish(), USAGE];
      const streamed = await frames(script, { maxTokens });
      const whole = await collectGenerate(scripted(script), CONTEXT);
      const joined = (tokens: readonly { text: string; special: boolean }[]) =>
        tokens.map((token) => (token.special ? "" : token.text)).join("");
      const expected = all.map(({ words }) => words).join("");
      expect(joined(streamed.map(({ token }) => token))).toBe(expected);
      expect(streamed.at(-1)?.generated_text).toBe(expected);
      expect(streamed.slice(0, -1).every((frame) => frame.generated_text === null)).toBe(true);
      expect(whole.generated_text).toBe(expected);
      expect(joined(whole.details?.tokens ?? [])).toBe(expected);
    }),
  );
});

test("alternatives where asked for, and control tokens are special", async () => {
  const control = { ...logprob("</s>"), bytes: [] };
  const events = [START, with1("Hi"), text("", 0, [control]), finish(), USAGE];
  const { details } = await collectGenerate(scripted(events), { ...CONTEXT, alternatives: 2 });
  expect(details?.tokens.map(({ special }) => special)).toEqual([false, true]);
  expect(details?.tokens[0]?.alternative_tokens).toEqual([
    { id: 1, text: "Hi", logprob: -0.5 },
    { id: 1, text: "?", logprob: -1.5 },
  ]);
});

test("details only where asked for", async () => {
  expect(await collectGenerate(scripted(EVENTS), { ...CONTEXT, details: false, prefix: "Q: " })).toEqual({
    generated_text: "Q: Hi you",
  });
  const prefillTokens = [{ id: 4, text: "Q", logprob: null }];
  const { details } = await collectGenerate(scripted(EVENTS), { ...CONTEXT, prefillTokens, seed: 3 });
  expect(details).toMatchObject({ prefill: prefillTokens, seed: 3, generated_tokens: 3, skipped_tokens: 0 });
});

const ERROR = { code: "replica_failed", message: "It broke.", hint: "Again." } as const;

test.each([
  ["breaks off", EVENTS.slice(0, 3)],
  ["is counted and not ended", [...EVENTS.slice(0, 3), USAGE]],
  ["fails", [...EVENTS.slice(0, 3), { type: "error", error: ERROR } as const]],
])("a stream that %s ends with an error and never with the text", async (_name, events) => {
  const all = await frames(events);
  expect(all.at(-1)).toMatchObject({ error_type: "generation", code: "replica_failed" });
  expect(all.some((frame) => typeof frame.generated_text === "string")).toBe(false);
  await expect(collectGenerate(scripted(events), CONTEXT)).rejects.toMatchObject({ code: "replica_failed" });
});

test("an error before the first token is thrown", async () => {
  const events: GenerationEvent[] = [{ type: "error", error: ERROR }];
  await expect(frames(events)).rejects.toBeInstanceOf(ArrieroError);
});

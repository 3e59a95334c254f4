import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Context, Model, StepBatch } from "@arriero/ggml";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningServer } from "./running-server.ts";
import { startServer } from "./running-server.ts";

const DEMO = fileURLToPath(new URL("../../../../models/demo/", import.meta.url));
const CELLS = 1024;
const MAX_TOKENS = 96;
const prompts = readFileSync(`${DEMO}prompts.txt`, "utf8").split("\n").filter(Boolean).slice(0, 100);

/** llama.cpp by itself: one sequence, the whole prompt in one batch, arg max, nothing shared. */
class PlainLlama {
  readonly #model = Model.load(`${DEMO}arriero-demo.gguf`, { gpuLayers: 0 });
  readonly #context = new Context(this.#model, { cells: CELLS, sequences: 1, batchTokens: CELLS, threads: 1 }, null);
  readonly #batch = new StepBatch(this.#context, CELLS);

  answer(question: string): string {
    const { vocabulary } = this.#model;
    const tokens = [...vocabulary.tokenize(`<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`, true, true)];
    this.#context.clear();
    const pieces: Uint8Array[] = [];
    let next = this.#decode(tokens, 0);
    for (let position = tokens.length; !vocabulary.isEndOfGeneration(next) && pieces.length < MAX_TOKENS; position++) {
      pieces.push(vocabulary.piece(next));
      next = this.#decode([next], position);
    }
    return Buffer.concat(pieces).toString("utf8");
  }

  dispose(): void {
    this.#model.dispose();
  }

  #decode(tokens: readonly number[], from: number): number {
    this.#batch.clear();
    for (const [i, token] of tokens.entries()) this.#batch.add(token, from + i, 0, i === tokens.length - 1);
    expect(this.#context.decode(this.#batch)).toBe("ok");
    const logits = this.#context.logits(tokens.length - 1);
    return logits.reduce((best, logit, token) => (logit > (logits[best] as number) ? token : best), 0);
  }
}

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test("greedy answers equal llama.cpp's for 100 prompts, sixteen at a time and again from the prefix tree", async () => {
  expect(prompts.length).toBe(100);
  const reference = new PlainLlama();
  const expected = prompts.map((prompt) => reference.answer(prompt));
  reference.dispose();
  const ask = async (content: string) => {
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "arriero-demo",
        messages: [{ role: "user", content }],
        temperature: 0,
        max_tokens: MAX_TOKENS,
      }),
    });
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    return body.choices[0]?.message.content;
  };
  for (const _round of ["cold", "warm"]) {
    const actual: (string | undefined)[] = [];
    for (let at = 0; at < prompts.length; at += 16) actual.push(...(await Promise.all(prompts.slice(at, at + 16).map(ask))));
    expect(actual).toEqual(expected);
  }
}, 180_000);

import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { GgufHeader } from "../gguf/gguf-header.ts";
import { readGguf } from "../gguf/read-gguf.ts";
import { argMax } from "../sampling/token-sampler.ts";
import { ToyRunner } from "../testing/toy-runner.ts";
import { GraphRunner } from "./graph/graph-runner.ts";
import type { ModelShape } from "./graph/model-shape.ts";
import { readModelShape } from "./graph/model-shape.ts";
import { LlamaRunner } from "./llama-runner.ts";
import type { BatchToken, Runner } from "./runner.ts";

const DEMO = fileURLToPath(new URL("../../../../models/demo/arriero-demo.gguf", import.meta.url));

const ADAPTERS = Object.fromEntries(
  ["terse", "pirate", "spanish"].map((name) => [name, fileURLToPath(new URL(`adapters/${name}.gguf`, pathToFileURL(DEMO)))]),
);

function openLlama(): LlamaRunner {
  return new LlamaRunner({ modelPath: DEMO, adapters: ADAPTERS, cells: 512, batchTokens: 64, threads: 1, gpuLayers: 0 });
}

const header = existsSync(DEMO) ? await readGguf(DEMO) : null;
const adapterHeaders: Record<string, GgufHeader> = {};
if (header !== null) for (const [name, path] of Object.entries(ADAPTERS)) adapterHeaders[name] = await readGguf(path);

function openGraph(): GraphRunner {
  const shape = readModelShape(header as GgufHeader) as ModelShape;
  const options = { modelPath: DEMO, adapters: ADAPTERS, cells: 512, batchTokens: 64, threads: 1, gpuLayers: 0 };
  return new GraphRunner({ ...options, header: header as GgufHeader, shape, adapterHeaders });
}

const IMPLEMENTATIONS: readonly (readonly [name: string, open: () => Runner, available: boolean])[] = [
  ["toy", () => new ToyRunner({ cells: 512, sequences: 16, batchTokens: 64 }), true],
  ["libllama", openLlama, existsSync(DEMO)],
  ["own graph", openGraph, existsSync(DEMO)],
];

const prompt = (count: number, salt = 0) => Array.from({ length: count }, (_, i) => 5 + ((i * 13 + salt * 17) % 50));

function given(token: number, position: number, sequence: number, wantsLogits: boolean, adapter = ""): BatchToken {
  return { token, position, sequence, adapter, wantsLogits, generated: false };
}

/** Feeds tokens to a sequence from `from` and returns the greedy next token. */
function feed(runner: Runner, sequence: number, tokens: readonly number[], from = 0): number {
  let index = -1;
  for (let at = 0; at < tokens.length; at += runner.limits.batchTokens) {
    runner.begin();
    const chunk = tokens.slice(at, at + runner.limits.batchTokens);
    for (const [i, token] of chunk.entries())
      index = runner.add(given(token, from + at + i, sequence, at + i === tokens.length - 1));
    expect(runner.run()).toBe("ok");
  }
  return argMax(runner.logits(index));
}

/** The greedy continuation, one token a step. */
function generate(runner: Runner, sequence: number, tokens: readonly number[], count: number, from = 0): number[] {
  const output = [feed(runner, sequence, tokens.slice(from), from)];
  while (output.length < count) output.push(feed(runner, sequence, [output.at(-1) as number], tokens.length + output.length - 1));
  return output;
}

describe.each(IMPLEMENTATIONS.filter(([, , available]) => available))("runner contract: %s", (_, open) => {
  const runner = open();
  afterAll(() => runner.dispose());
  const clear = () => {
    for (let sequence = 0; sequence < runner.limits.sequences; sequence++) runner.forget(sequence, 0, null);
  };

  test("a sequence that shares a prefix continues as one that computed it", () => {
    clear();
    const whole = generate(runner, 0, prompt(40), 8);
    runner.share(0, 1, 0, 30);
    expect(runner.lastPosition(1)).toBe(29);
    expect(generate(runner, 1, prompt(40), 8, 30)).toEqual(whole);
  });

  test("forgetting one sequence leaves another that shares its cells whole", () => {
    clear();
    const whole = generate(runner, 0, prompt(40), 8);
    runner.share(0, 1, 0, 39);
    runner.forget(0, 0, null);
    expect(runner.lastPosition(0)).toBe(-1);
    expect(generate(runner, 1, prompt(40), 8, 39)).toEqual(whole);
  });

  test("cutting a sequence's end and going on differently equals never having gone there", () => {
    clear();
    feed(runner, 0, [...prompt(20), ...prompt(12, 3)]);
    runner.forget(0, 20, null);
    const other = [...prompt(20), ...prompt(9, 4)];
    const direct = generate(runner, 1, other, 6);
    expect(generate(runner, 0, other, 6, 20)).toEqual(direct);
  });

  test("a double range is replaced by the holder's cells without a change", () => {
    clear();
    const tokens = prompt(30);
    feed(runner, 0, tokens);
    feed(runner, 1, tokens);
    runner.forget(1, 0, 30);
    runner.share(0, 1, 0, 30);
    runner.forget(0, 0, null);
    const next = feed(runner, 1, [7], 30);
    clear();
    expect(feed(runner, 2, [...tokens, 7])).toBe(next);
  });

  test("many sequences in one batch do not see each other", () => {
    clear();
    const alone = [0, 1, 2, 3].map((salt) => {
      const next = feed(runner, 8, prompt(10, salt));
      runner.forget(8, 0, null);
      return next;
    });
    runner.begin();
    const indices = [0, 1, 2, 3].map(
      (salt) =>
        prompt(10, salt)
          .map((token, i) => runner.add(given(token, i, salt, i === 9)))
          .at(-1) as number,
    );
    expect(runner.run()).toBe("ok");
    expect(indices.map((index) => argMax(runner.logits(index)))).toEqual(alone);
  });

  test("no room changes nothing, and room comes back when a sequence goes", () => {
    clear();
    const fill = (sequence: number) => {
      runner.begin();
      for (const [i, token] of prompt(60, sequence).entries()) runner.add(given(token, i, sequence, i === 59));
      return runner.run();
    };
    let full = 0;
    while (full < 15 && fill(full) === "ok") full++;
    expect(full * 60).toBeGreaterThanOrEqual(runner.limits.cells - 60);
    expect(fill(full)).toBe("no-room");
    expect(runner.lastPosition(full)).toBe(-1);
    runner.forget(3, 0, null);
    expect(fill(full)).toBe("ok");
  });
});

describe.runIf(existsSync(DEMO))("libllama cells as bytes", () => {
  test("a sequence that was read is written to another runner and continues alike; an empty one is null", () => {
    const first = openLlama();
    const whole = generate(first, 0, prompt(40), 6);
    first.forget(0, 40, null);
    const cells = first.read(0) as Uint8Array;
    expect(first.read(1)).toBeNull();
    first.dispose();
    const second = openLlama();
    expect(second.write(5, cells)).toBe(true);
    second.forget(5, 39, null);
    expect(generate(second, 5, prompt(40), 6, 39)).toEqual(whole);
    second.dispose();
  });
});

describe.runIf(existsSync(DEMO))("the graph of our own", () => {
  test("gives libllama's logits, but for rounding", () => {
    const theirs = openLlama();
    const ours = openGraph();
    for (const length of [1, 2, 9, 33, 64, 150]) {
      feed(theirs, 0, prompt(length));
      const index = (length - 1) % 64;
      const expected = Float32Array.from(theirs.logits(index));
      feed(ours, 0, prompt(length));
      const given = ours.logits(index);
      const largest = Math.max(...expected.map(Math.abs));
      for (const [token, logit] of expected.entries())
        expect(Math.abs((given[token] as number) - logit)).toBeLessThan(largest * 0.02);
      theirs.forget(0, 0, null);
      ours.forget(0, 0, null);
    }
    theirs.dispose();
    ours.dispose();
  });

  test("tokens under different adapters share a batch, and each is computed as alone", () => {
    const theirs = openLlama();
    const ours = openGraph();
    const names = ["", "terse", "pirate", "spanish", "terse"];
    const alone = (runner: Runner, adapter: string, sequence: number) => {
      runner.begin();
      const indices = prompt(20).map((token, i) => runner.add(given(token, i, sequence, i === 19, adapter)));
      expect(runner.run()).toBe("ok");
      const logits = Float32Array.from(runner.logits(indices[19] as number));
      runner.forget(sequence, 19, null);
      return logits;
    };
    const expected = names.map((adapter, sequence) => alone(ours, adapter, sequence));
    for (const [sequence, adapter] of names.entries()) {
      const reference = alone(theirs, adapter, sequence);
      const largest = Math.max(...reference.map(Math.abs));
      for (const [token, logit] of reference.entries())
        expect(Math.abs((expected[sequence]?.[token] as number) - logit)).toBeLessThan(largest * 0.02);
    }
    ours.begin();
    const last = prompt(20)[19] as number;
    const indices = names.map((adapter, sequence) => ours.add(given(last, 19, sequence, true, adapter)));
    expect(ours.run()).toBe("ok");
    for (const [sequence, index] of indices.entries()) expect(ours.logits(index)).toEqual(expected[sequence]);
    theirs.dispose();
    ours.dispose();
  });
});

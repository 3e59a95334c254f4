import { expect, test } from "vitest";
import { NativeArray } from "./native-memory.ts";
import { NativeObject } from "./native-object.ts";
import { StepBatch } from "./step-batch.ts";

class Part extends NativeObject {
  readonly #log: string[];
  readonly #name: string;

  constructor(parent: NativeObject | null, name: string, log: string[]) {
    super(parent);
    this.#name = name;
    this.#log = log;
  }

  protected override free(): void {
    this.#log.push(this.#name);
  }
}

test("a parent frees its children first, newest first, and everything once", () => {
  const log: string[] = [];
  const model = new Part(null, "model", log);
  const context = new Part(model, "context", log);
  new Part(context, "batch", log);
  const sampler = new Part(model, "sampler", log);
  sampler.dispose();
  model.dispose();
  model.dispose();
  expect(log).toEqual(["sampler", "batch", "context", "model"]);
  expect(() => context.assertAlive()).toThrow("used after it was disposed");
  expect(() => new Part(model, "late", log)).toThrow("used after it was disposed");
});

test("native memory is seen without copying", () => {
  const array = NativeArray.int32(null, 4);
  array.view.set([1, 2, 3, 4]);
  expect([...array.view]).toEqual([1, 2, 3, 4]);
  expect(array.pointer).toBeGreaterThan(0n);
  array.dispose();
});

test("a batch holds what it says and no more", () => {
  const batch = new StepBatch(null, 2);
  expect(batch.add(7, 0, 0, false)).toBe(0);
  expect(batch.add(8, 1, 0, true)).toBe(1);
  expect(() => batch.add(9, 2, 0, true)).toThrow("holds 2 tokens at most");
  batch.clear();
  expect(batch.length).toBe(0);
  batch.dispose();
});

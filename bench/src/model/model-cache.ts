import { mkdir, open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { benchModel } from "./bench-model.ts";
import { BENCH_DIMENSIONS, type Dimensions } from "./dimensions.ts";
import type { Quant } from "./quant-mix.ts";

const SEED = 1;

/** The path of the bench's model in `folder`, written first where it is missing or of another recipe (about 650 MB each). */
export async function cachedModel(
  folder: string,
  quant: Quant,
  note: (line: string) => void,
  dimensions: Dimensions = BENCH_DIMENSIONS,
): Promise<string> {
  const model = benchModel(dimensions, quant, SEED);
  const path = join(folder, `bench-1.1b-${quant}.gguf`);
  if (await matches(path, model.header, model.bytes)) return path;
  note(`writing the ${quant} model, ${Math.round(model.bytes / 1e6)} MB, to ${path}`);
  await mkdir(folder, { recursive: true });
  const partial = `${path}.${process.pid}.part`;
  const file = await open(partial, "w");
  try {
    await file.write(model.header);
    for (const chunk of model.chunks()) await file.write(chunk);
  } finally {
    await file.close();
  }
  await rename(partial, path);
  return path;
}

/** A file of the right size that starts with this very header is the one this recipe writes: it appears by an atomic rename. */
async function matches(path: string, header: Buffer, bytes: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.size !== bytes) return false;
  const file = await open(path);
  try {
    const start = Buffer.alloc(header.length);
    await file.read(start, 0, start.length, 0);
    return start.equals(header);
  } finally {
    await file.close();
  }
}

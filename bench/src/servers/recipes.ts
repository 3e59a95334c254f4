import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerRecipe } from "./server.ts";

/**
 * KV cells both sides get, for all their sequences together: room for 32 prompts of 560 tokens held side by side (which only the
 * peer needs), and for 4 streams next to a prompt of 3,000.
 */
export const CONTEXT_TOKENS = 32_768;
export const PARALLEL = 32;

export interface RecipeOptions {
  readonly modelPath: string;
  readonly threads: number;
  readonly workFolder: string;
}

/**
 * llama-server, as someone who knows it would start it for the load at hand. The cells are the same in every mode.
 *
 * - `split`: each of the 32 slots owns its share of the cells. The faster mode under many short streams, since a token attends only
 *   to its own slot's cells.
 * - `unified`: any slot may take any cell. Needed as soon as one conversation is longer than a 32nd of the cells.
 * - `unified-small-batch`: the same with a logical batch of 512 instead of 2,048, a known remedy for stalls behind long prompts.
 */
export type PeerMode = "split" | "unified" | "unified-small-batch";

export function peerRecipe(binary: string, mode: PeerMode, options: RecipeOptions): ServerRecipe {
  const unified = mode === "split" ? "--no-kv-unified" : "--kv-unified";
  return {
    name: "peer",
    command: binary,
    environment: {},
    readyPath: "/health",
    model: "bench",
    logPath: join(options.workFolder, "peer.log"),
    arguments: (port) => [
      ...["--model", options.modelPath, "--host", "127.0.0.1", "--port", String(port), "--offline"],
      ...["--ctx-size", String(CONTEXT_TOKENS), "--parallel", String(PARALLEL), unified],
      // As many as ours, and as llama-server would choose itself on a machine without hyperthreads.
      ...["--threads", String(options.threads), "--threads-batch", String(options.threads)],
      ...(mode === "unified-small-batch" ? ["--batch-size", "512"] : []),
      // Left at their defaults because they are the good ones: flash attention (auto), repacking, warm-up, prompt cache, batch sizes.
      // --cache-reuse shifts equal chunks at other positions, which no scenario has.
    ],
  };
}

const CLI = fileURLToPath(new URL("../../../packages/cli/dist/main.js", import.meta.url));

/** `arriero up`: gateway and one replica, with the same model, cells, parallelism and threads. One configuration for every scenario. */
export function oursRecipe(options: RecipeOptions): ServerRecipe {
  const home = join(options.workFolder, "home");
  return {
    name: "ours",
    command: process.execPath,
    environment: { ARRIERO_HOME: home },
    readyPath: "/ready",
    model: options.modelPath,
    logPath: join(options.workFolder, "ours.log"),
    arguments: (port) => [
      ...[CLI, "up", "--host", "127.0.0.1", "--port", String(port), "--home", home, "--model", options.modelPath],
      ...["--context", String(CONTEXT_TOKENS), "--parallel", String(PARALLEL), "--threads", String(options.threads)],
    ],
  };
}

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CLI, ourHome } from "./our-store.ts";
import type { Side } from "./pair.ts";
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
    readyPath: "/health",
    model: "bench",
    logPath: join(options.workFolder, "peer.log"),
    cacheFolder: null,
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

const DEMO_MODEL = fileURLToPath(new URL("../../../models/demo/arriero-demo.gguf", import.meta.url));

/** Both sides as a newcomer starts them on the demo model. */
export function demoRecipe(side: Side, binary: string, workFolder: string): ServerRecipe {
  const shared = { readyPath: side === "ours" ? "/ready" : "/health", cacheFolder: null };
  const log = (name: string) => join(workFolder, `${name}-demo.log`);
  if (side === "peer") {
    const parameters = (port: number) => ["--model", DEMO_MODEL, "--host", "127.0.0.1", "--port", String(port), "--offline"];
    return { ...shared, name: "peer", command: binary, model: "demo", logPath: log("peer"), arguments: parameters };
  }
  const parameters = (port: number) => [
    CLI,
    "up",
    "--port",
    String(port),
    "--home",
    ourHome(workFolder),
    "--model",
    "arriero-demo",
  ];
  return {
    ...shared,
    name: "ours",
    command: process.execPath,
    model: "arriero-demo",
    logPath: log("ours"),
    arguments: parameters,
  };
}

/**
 * `arriero up`: gateway and one replica, with the same model, cells, parallelism and threads; everything else at its defaults. One
 * configuration for every scenario. `model` is the name in the store of `ourHome`.
 */
export function oursRecipe(model: string, options: RecipeOptions): ServerRecipe {
  const home = ourHome(options.workFolder);
  return {
    name: "ours",
    command: process.execPath,
    readyPath: "/ready",
    model,
    logPath: join(options.workFolder, "ours.log"),
    cacheFolder: join(home, "snapshots"),
    arguments: (port) => [
      ...[CLI, "up", "--host", "127.0.0.1", "--port", String(port), "--home", home, "--model", model],
      ...["--context", String(CONTEXT_TOKENS), "--max-running", String(PARALLEL), "--threads", String(options.threads)],
    ],
  };
}

import { access, constants, mkdir, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ArrieroError } from "@arriero/spec";
import type { BenchOutput } from "../bench-output.ts";
import { BENCH_DIMENSIONS, parameterCount } from "../model/dimensions.ts";
import { cachedModel } from "../model/model-cache.ts";
import type { Quant } from "../model/quant-mix.ts";
import { buildPeer } from "../peer/build-peer.ts";
import { describeMachine } from "../report/machine.ts";
import { type Metric, metricOf } from "../report/metric.ts";
import { ratioPlot } from "../report/ratio-plot.ts";
import type { QuantResults, Results } from "../report/results.ts";
import { ratioTable } from "../report/table.ts";
import { SCENARIOS } from "../scenarios/all-scenarios.ts";
import type { Outcome, ScenarioContext } from "../scenarios/scenario.ts";
import { importModel } from "../servers/our-store.ts";
import { demoRecipe, oursRecipe, peerRecipe, type RecipeOptions } from "../servers/recipes.ts";
import type { ServerRecipe } from "../servers/server.ts";
import { type EngineBenchOptions, parseEngineOptions } from "./options.ts";
import { ENGINE_PUBLISHED, ENGINE_TARGETS } from "./targets.ts";

const TABLE = { peer: "llama-server", targets: ENGINE_TARGETS };
const PLOT = {
  title: "Arriero / llama-server",
  note: "Green ticks are targets. Turns are divided by our own first turn, everything else by llama-server.",
  axis: { from: 0.03, to: 4 },
  targets: ENGINE_TARGETS,
  metrics: [...ENGINE_PUBLISHED],
};
const RESULTS = fileURLToPath(new URL("../../results", import.meta.url));

/** An idle server that used more than this share of one core disturbed the other one's figures. */
const IDLE_LIMIT = 0.02;

/** Ours against llama-server, scenario by scenario. Prints a table, or one JSON object; writes every sample and a plot. */
export async function engineBench(parameters: readonly string[], output: BenchOutput): Promise<void> {
  const options = parseEngineOptions(parameters, process.env, new Set(SCENARIOS.flatMap((scenario) => scenario.metrics)));
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const workFolder = resolve(options.workFolder);
  await mkdir(workFolder, { recursive: true });
  const threads = availableParallelism();
  const binary = options.sides.has("peer") ? await peerBinary(options, workFolder, threads, output) : null;

  const quants: QuantResults[] = [];
  const commands: Record<string, string> = {};
  for (const quant of options.quants) {
    const modelPath = await cachedModel(join(workFolder, "models"), quant, output.note);
    const recipeOptions = { modelPath, threads, workFolder };
    const name = options.sides.has("ours") ? await importModel(modelPath, `bench-${quant}`, workFolder) : null;
    const context: ScenarioContext = {
      rounds: options.rounds,
      size: options.size,
      recipes: (mode) => {
        const ours = name === null ? null : oursRecipe(name, recipeOptions);
        const peer = binary === null ? null : peerRecipe(binary, mode, recipeOptions);
        if (ours !== null) commands.ours = shown(ours, recipeOptions);
        if (peer !== null) commands[`peer (${mode})`] = shown(peer, recipeOptions);
        return { ours, peer };
      },
      demo: () => ({
        ours: name === null ? null : demoRecipe("ours", process.execPath, workFolder),
        peer: binary === null ? null : demoRecipe("peer", binary, workFolder),
      }),
    };
    const results = await measureQuant(quant, modelPath, options, context, output);
    quants.push(results);
    if (!options.json)
      output.print(
        ratioTable(
          { ...TABLE, title: `${quant}${options.size === "quick" ? " (quick: not for quoting)" : ""}` },
          results.metrics,
        ),
      );
  }

  const results: Results = { bench: "engine", startedAt, size: options.size, rounds: options.rounds, machine, commands, quants };
  await writeResults(results, options, output);
  if (options.json) output.print(JSON.stringify({ metrics: published(quants[0]!.metrics) }));
}

async function peerBinary(options: EngineBenchOptions, workFolder: string, jobs: number, output: BenchOutput): Promise<string> {
  if (options.peer === null) return buildPeer(workFolder, jobs, output.note);
  const path = resolve(options.peer);
  await access(path, constants.X_OK).catch((cause: unknown) => {
    throw new ArrieroError("config_invalid", `--peer wants an executable llama-server; ${path} is none`, { cause });
  });
  return path;
}

async function measureQuant(
  quant: Quant,
  modelPath: string,
  options: EngineBenchOptions,
  context: ScenarioContext,
  output: BenchOutput,
): Promise<QuantResults> {
  const outcomes: Outcome[] = [];
  for (const scenario of SCENARIOS) {
    const { only } = options;
    if (only !== null && !scenario.metrics.some((name) => only.has(name))) continue;
    output.note(`${quant}: ${scenario.metrics[0]}`);
    outcomes.push(await scenario.run(context));
  }
  const samples = outcomes.flatMap((outcome) => outcome.measurements);
  const idle = outcomes.flatMap((outcome) => outcome.idleShares);
  const worstIdleShare = idle.length === 0 ? null : Math.max(...idle);
  if (worstIdleShare !== null && worstIdleShare > IDLE_LIMIT) {
    output.note(`an idle server used ${(worstIdleShare * 100).toFixed(1)} % of a core while the other was measured`);
  }
  const model = { parameters: parameterCount(BENCH_DIMENSIONS), bytes: (await stat(modelPath)).size };
  return { quant, model, metrics: samples.map(metricOf), samples, worstIdleShare };
}

/** Only a complete run on both sides may replace the figures that the README quotes. */
async function writeResults(results: Results, options: EngineBenchOptions, output: BenchOutput): Promise<void> {
  const isComplete = options.size === "full" && options.only === null && options.sides.size === 2;
  const folder = isComplete ? RESULTS : join(options.workFolder, "results");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "engine.json"), `${JSON.stringify(results, null, 2)}\n`);
  const { cpu, cores } = results.machine;
  const caption = `llama 1.1 B, random weights; median of ${results.rounds} interleaved rounds; ${cpu}, ${cores} cores`;
  await writeFile(
    join(folder, "engine.svg"),
    ratioPlot(
      { ...PLOT, caption },
      results.quants.map(({ metrics, quant }) => ({ label: quant, metrics })),
    ),
  );
  output.note(`wrote ${join(folder, "engine.json")} and engine.svg`);
}

function published(metrics: readonly Metric[]): Metric[] {
  return metrics.filter((metric) => ENGINE_PUBLISHED.has(metric.name));
}

/** The command as a reader would type it, without this machine's folders. */
function shown(recipe: ServerRecipe, { modelPath, workFolder }: RecipeOptions): string {
  const words = [recipe.command, ...recipe.arguments(0)].join(" ");
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  return words
    .replace(recipe.command, recipe.name === "ours" ? "node" : "llama-server")
    .replaceAll(modelPath, "MODEL.gguf")
    .replaceAll(workFolder, "WORK")
    .replaceAll(root, "");
}

import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchOutput } from "../bench-output.ts";
import { describeMachine, type Machine } from "../report/machine.ts";
import { type Metric, metricOf } from "../report/metric.ts";
import { ratioPlot } from "../report/ratio-plot.ts";
import { ratioTable } from "../report/table.ts";
import type { Measurement } from "../scenarios/scenario.ts";
import type { Contestant, ContestantContext } from "./contestants/contestant.ts";
import { startMock } from "./contestants/mock.ts";
import { startNginx } from "./contestants/nginx.ts";
import { startOurs } from "./contestants/ours.ts";
import { startPortkey } from "./contestants/portkey.ts";
import { startUndiciProxy } from "./contestants/undici-proxy.ts";
import { type GatewayBenchOptions, parseGatewayOptions } from "./options.ts";
import { addedLatency } from "./scenarios/added-latency.ts";
import type { GatewayContext } from "./scenarios/context.ts";
import { soak } from "./scenarios/soak.ts";
import { streams } from "./scenarios/streams.ts";
import { throughput } from "./scenarios/throughput.ts";
import { GATEWAY_PUBLISHED, GATEWAY_TARGETS } from "./targets.ts";

const RESULTS = fileURLToPath(new URL("../../results", import.meta.url));
const TABLE = { peer: "peer", targets: GATEWAY_TARGETS };
const PLOT = {
  title: "Arriero / other gateways",
  note: "Green ticks are targets. Each metric names the peer; where it does not, the peer is Portkey.",
  axis: { from: 0.01, to: 30 },
  targets: GATEWAY_TARGETS,
  metrics: GATEWAY_PUBLISHED,
};

/** The results file: every sample, so that a reader can judge the spread and not only the medians. */
interface GatewayResults {
  readonly bench: "gateway";
  readonly startedAt: string;
  readonly size: GatewayBenchOptions["size"];
  readonly rounds: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly commands: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
  readonly samples: readonly Measurement[];
}

/** Ours against other gateways before the same mock upstream. Prints a table, or one JSON object; writes every sample and a plot. */
export async function gatewayBench(parameters: readonly string[], output: BenchOutput): Promise<void> {
  const options = parseGatewayOptions(parameters, process.env);
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  const workFolder = resolve(options.workFolder);
  await mkdir(workFolder, { recursive: true });
  const contestants: Contestant[] = [];
  try {
    await startAll(options, workFolder, contestants, output.note);
    const { rounds, seconds, size } = options;
    const context: GatewayContext = { contestants, rounds, seconds, logPath: join(workFolder, "load.log"), note: output.note };
    const samples = await measure(options, context);
    const metrics = samples.map(metricOf);
    const commands = Object.fromEntries(contestants.map(({ command, name }) => [name, command]));
    const results: GatewayResults = {
      ...{ bench: "gateway", startedAt, size, rounds, seconds, machine, commands, metrics, samples },
    };
    const title = `gateway${size === "quick" ? " (quick: not for quoting)" : ""}`;
    if (!options.json) output.print(ratioTable({ ...TABLE, title }, metrics));
    await writeResults(results, options, output);
    if (options.json) {
      const published = metrics.filter(({ name }) => GATEWAY_PUBLISHED.includes(name) || options.soakMinutes !== null);
      output.print(JSON.stringify({ metrics: published }));
    }
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
}

async function startAll(
  { parts, soakMinutes }: GatewayBenchOptions,
  workFolder: string,
  contestants: Contestant[],
  note: (line: string) => void,
): Promise<void> {
  const mock = await startMock(workFolder);
  contestants.push(mock);
  const context: ContestantContext = { upstreamPort: mock.target.port, workFolder, note };
  contestants.push(await startOurs(context));
  if (soakMinutes !== null) return;
  contestants.push(await startPortkey(context));
  if (!parts.has("rps")) return;
  const nginx = await startNginx(context);
  if (nginx === null) note("nginx is not installed (Debian: apt-get install nginx): rps.nginx and p99.nginx have no peer");
  else contestants.push(nginx);
  contestants.push(await startUndiciProxy(context));
}

async function measure({ parts, soakMinutes }: GatewayBenchOptions, context: GatewayContext): Promise<readonly Measurement[]> {
  if (soakMinutes !== null) return soak(context, soakMinutes);
  return [
    ...(parts.has("rps") ? await throughput(context) : []),
    ...(parts.has("added") ? await addedLatency(context) : []),
    ...(parts.has("sse") ? [...(await streams(context, 512)), ...(await streams(context, 2000))] : []),
  ];
}

/** Only a complete run may replace the figures that the README quotes; a soak has a file of its own. */
async function writeResults(results: GatewayResults, options: GatewayBenchOptions, output: BenchOutput): Promise<void> {
  const isSoak = options.soakMinutes !== null;
  const isComplete = options.size === "full" && (isSoak || options.parts.size === 3);
  const folder = isComplete ? RESULTS : join(options.workFolder, "results");
  await mkdir(folder, { recursive: true });
  const path = join(folder, isSoak ? "gateway-soak.json" : "gateway.json");
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
  output.note(`wrote ${path}`);
  if (isSoak) return;
  const { cpu, cores } = results.machine;
  const caption = `one mock upstream, same run; median of ${results.rounds} interleaved rounds; ${cpu}, ${cores} cores`;
  await writeFile(join(folder, "gateway.svg"), ratioPlot({ ...PLOT, caption }, [{ label: "", metrics: results.metrics }]));
}

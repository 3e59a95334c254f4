import { band } from "../terminal/band.ts";
import { histogram, quantile } from "../terminal/histogram.ts";
import type { Screen } from "../terminal/screen.ts";
import { facts, table } from "../terminal/table.ts";
import { grouped, latency, percent, span } from "../terminal/units.ts";
import type { LoadPlan } from "./load-plan.ts";
import type { LoadProgress, LoadResult } from "./load-test.ts";

const BAND_CELLS = 32;

/** How far a test is, 0..1. */
export function loadShare({ end }: LoadPlan, { completed, elapsedMs, failed }: LoadProgress): number {
  return end.kind === "requests" ? (completed + failed) / end.count : elapsedMs / end.ms;
}

function speed(progress: LoadProgress): string {
  const seconds = Math.max(0.001, progress.elapsedMs / 1000);
  return `${(progress.completed / seconds).toFixed(1)} requests/s, ${(progress.completionTokens / seconds).toFixed(0)} tokens/s`;
}

export function loadLines(plan: LoadPlan, progress: LoadProgress, screen: Screen): string[] {
  const { quiet } = screen.palette;
  const failures = progress.failed > 0 ? `, ${progress.failed} failed` : "";
  return [
    `${band(loadShare(plan, progress), Math.min(BAND_CELLS, screen.columns() - 24), screen)}  ${progress.completed} done${failures}`,
    quiet(`${progress.running} running, ${speed(progress)}, ${span(progress.elapsedMs)}`),
  ];
}

export function loadLine(plan: LoadPlan, progress: LoadProgress): string {
  return `${percent(Math.min(1, loadShare(plan, progress)))}: ${progress.completed} done, ${progress.failed} failed, ${speed(progress)}`;
}

/** Quantiles in milliseconds; null where nothing was measured. */
export interface Spread {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => (sorted.length === 0 ? null : Number(quantile(sorted, share).toFixed(3)));
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** What `--json` prints. Milliseconds, and seconds in rates. */
export function loadSummary(plan: LoadPlan, result: LoadResult) {
  const seconds = result.elapsedMs / 1000;
  const perSecond = (count: number) => (seconds > 0 ? Number((count / seconds).toFixed(3)) : 0);
  return {
    plan,
    elapsedMs: Math.round(result.elapsedMs),
    stopped: result.stopped,
    requests: { completed: result.completed, failed: Object.values(result.errors).reduce((sum, each) => sum + each, 0) },
    errors: result.errors,
    requestsPerSecond: perSecond(result.completed),
    tokens: { prompt: result.promptTokens, cached: result.cachedTokens, completion: result.completionTokens },
    tokensPerSecond: perSecond(result.completionTokens),
    latencyMs: spread(result.latencies),
    ttftMs: spread(result.firsts),
    gapMs: spread(result.gaps),
  };
}

const cell = (value: number | null): string => (value === null ? "-" : latency(value));

/** The result for people: rates, quantiles, the histogram of whole answers, and errors by code. */
export function loadReport(plan: LoadPlan, result: LoadResult, screen: Screen): string {
  const { palette } = screen;
  const summary = loadSummary(plan, result);
  const rows = (
    [
      ["first text", summary.ttftMs],
      ["between pieces", summary.gapMs],
      ["whole answer", summary.latencyMs],
    ] as const
  ).map(([name, { max, p50, p90, p99 }]) => [name, cell(p50), cell(p90), cell(p99), cell(max)]);
  const right = (title: string) => ({ title, align: "right" as const });
  const quantiles = table([{ title: "" }, right("p50"), right("p90"), right("p99"), right("max")], rows, {
    width: screen.columns(),
    palette,
  });
  const rates = facts(
    [
      [
        "requests",
        `${summary.requests.completed} in ${latency(result.elapsedMs)}, ${summary.requestsPerSecond.toFixed(2)} a second`,
      ],
      ["tokens", `${grouped(result.completionTokens)} generated, ${summary.tokensPerSecond.toFixed(1)} a second`],
      ["prompts", `${grouped(result.promptTokens)} tokens, ${grouped(result.cachedTokens)} of them cached`],
    ],
    palette,
  );
  const chart = histogram(result.latencies, { width: screen.columns(), glyphs: screen.glyphs, palette });
  const failures = Object.entries(result.errors).map(([code, count]) => `${palette.accent(code)}  ${count}`);
  return [
    result.stopped ? "Stopped early; this is what was measured." : "",
    rates,
    quantiles,
    chart === "" ? "" : `${palette.strong("Whole answers")}\n${chart}`,
    failures.length === 0 ? "" : `${palette.strong("Errors")}\n${failures.join("\n")}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

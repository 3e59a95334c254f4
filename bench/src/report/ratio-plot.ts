import { higherIsBetter, type Metric, type Targets } from "./metric.ts";

const WIDTH = 760;
const LABEL_WIDTH = 196;
const VALUE_WIDTH = 118;
const ROW = 20;
const METRIC_GAP = 10;
const HEAD = 76;

const TICKS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10, 20];

export interface PlotSubject {
  readonly title: string;
  readonly caption: string;
  /** The last line. */
  readonly note: string;
  /** Ratios outside are drawn at the edge; their label still says the value. */
  readonly axis: { readonly from: number; readonly to: number };
  readonly targets: Targets;
  /** The metrics drawn, in their order. */
  readonly metrics: readonly string[];
}

/** Ratios that belong together, by metric. */
export interface PlotSeries {
  readonly label: string;
  readonly metrics: readonly Metric[];
}

/** The brand's tokens as sRGB: viewers of plain SVG files do not all know OKLCH. */
const STYLE = `
  svg { --paper: #fdfaf4; --ink: #161d2b; --ash: #636975; --line: #dbd7cf; --first: #c12440; --second: #374f9d; --target: #378450 }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0f131b; --ink: #efebe2; --ash: #989fab; --line: #2e333d; --first: #e75f66; --second: #83a3ea; --target: #6cc185 }
  }
  .paper { fill: var(--paper) } .ink { fill: var(--ink) } .ash { fill: var(--ash) }
  .line { stroke: var(--line) } .one { stroke: var(--ash) } .target { stroke: var(--target); stroke-width: 2 }
  .first { fill: var(--first); stroke: var(--first) } .second { fill: var(--second); stroke: var(--second) }
  text { font: 13px ui-sans-serif, system-ui, sans-serif; stroke: none } .figure { font: 12px ui-monospace, monospace }
  .title { font-size: 16px; font-weight: 600 } .small { font-size: 11px }`;

function x({ from, to }: PlotSubject["axis"], ratio: number): number {
  const inside = Math.min(to, Math.max(from, ratio));
  const share = Math.log(inside / from) / Math.log(to / from);
  return LABEL_WIDTH + share * (WIDTH - LABEL_WIDTH - VALUE_WIDTH);
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** Every ratio of every series, on one logarithmic axis around 1, with the targets. A complete SVG document. */
export function ratioPlot(subject: PlotSubject, series: readonly PlotSeries[]): string {
  const { axis, caption, note, title } = subject;
  const names = subject.metrics.filter((name) => series.some((each) => ratioOf(each, name) !== null));
  const block = ROW * series.length + METRIC_GAP;
  const bottom = HEAD + names.length * block;
  const height = bottom + 56;
  const rows = names.map((name, index) => metricRows(subject, series, name, HEAD + index * block));
  const ticks = TICKS.filter((tick) => tick >= axis.from && tick <= axis.to).map(
    (tick) =>
      `<line class="${tick === 1 ? "one" : "line"}" x1="${at(x(axis, tick))}" x2="${at(x(axis, tick))}" y1="${HEAD - 8}" y2="${bottom}"/>` +
      `<text class="ash small" x="${at(x(axis, tick))}" y="${bottom + 16}" text-anchor="middle">${tick === 1 ? "1 = equal" : tick}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<style>${STYLE}
</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
<text class="ink title" id="title" x="16" y="28">${escaped(title)}</text>
<text class="ash small" x="16" y="48">${escaped(caption)}</text>
${ticks.join("\n")}
${rows.join("\n")}
<text class="ash small" x="16" y="${height - 14}">${escaped(note)}</text>
</svg>
`;
}

function metricRows(subject: PlotSubject, series: readonly PlotSeries[], name: string, top: number): string {
  const metric = series.flatMap(({ metrics }) => metrics.filter((each) => each.name === name))[0]!;
  const middle = top + (ROW * series.length) / 2;
  const label =
    `<text class="ink" x="16" y="${at(middle)}">${escaped(name)}</text>` +
    `<text class="ash small" x="16" y="${at(middle + 13)}">${higherIsBetter(metric.unit) ? "more is better" : "less is better"}</text>`;
  const marks = series.flatMap((each, index) => {
    const ratio = ratioOf(each, name);
    return ratio === null ? [] : [mark(subject.axis, ratio, each.label, index, top + ROW * index + ROW / 2)];
  });
  return [label, targetTick(subject, metric, top, ROW * series.length), ...marks].join("\n");
}

/** A stem from 1 to the ratio and a diamond at its end; the label names the series, so colour is never alone. */
function mark(axis: PlotSubject["axis"], ratio: number, label: string, index: number, y: number): string {
  const style = index === 0 ? "first" : "second";
  const end = x(axis, ratio);
  const labelX = WIDTH - VALUE_WIDTH + 14;
  return (
    `<g class="${style}"><line x1="${at(x(axis, 1))}" x2="${at(end)}" y1="${at(y)}" y2="${at(y)}"/>` +
    `<path d="M${at(end - 5)} ${at(y)}L${at(end)} ${at(y - 5)}L${at(end + 5)} ${at(y)}L${at(end)} ${at(y + 5)}Z"/></g>` +
    `<text class="ink figure" x="${labelX}" y="${at(y + 4)}">${ratio.toFixed(2).padStart(5)} <tspan class="ash">${escaped(label)}</tspan></text>`
  );
}

function targetTick({ axis, targets }: PlotSubject, metric: Metric, top: number, height: number): string {
  const target = targets[metric.name];
  if (target === undefined || "oursAtMost" in target) return "";
  const place = at(x(axis, "atLeast" in target ? target.atLeast : target.atMost));
  return `<line class="target" x1="${place}" x2="${place}" y1="${at(top + 1)}" y2="${at(top + height - 1)}"/>`;
}

function ratioOf({ metrics }: PlotSeries, name: string): number | null {
  return metrics.find((metric) => metric.name === name)?.ratio ?? null;
}

function at(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}

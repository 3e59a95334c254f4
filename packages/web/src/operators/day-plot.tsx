import band from "../band/band.module.css";
import { TONES } from "../band/tone.ts";
import { useNarrow } from "../layout/use-narrow.ts";
import styles from "./operate.module.css";
import type { Series } from "./usage-sums.ts";

/** About the pixels it has, so that its words keep the size of others; `right` is for the names. */
const WIDE = { width: 1000, right: 150 };
const NARROW = { width: 360, right: 112 };
const HEIGHT = 190;
const BOTTOM = 24;

interface DayPlotProps {
  days: readonly string[];
  series: readonly Series[];
  label: string;
  /** A value, as the reader's language writes it. */
  write: (value: number) => string;
  writeDay: (day: string) => string;
}

/** Stacked columns, one a day, in whole threads; each series is named at its last column instead of in a legend. */
export function DayPlot({ days, series, label, write, writeDay }: DayPlotProps) {
  const { width, right } = useNarrow() ? NARROW : WIDE;
  const sums = days.map((_, at) => series.reduce((sum, one) => sum + one.values[at]!, 0));
  const most = Math.max(1, ...sums);
  const plot = HEIGHT - BOTTOM;
  const step = (width - right) / Math.max(1, days.length);
  const heightOf = (value: number) => Math.round((value / most) * (plot - 14));
  const bases = days.map(() => plot);
  const names: { label: string; y: number }[] = [];
  const paths = series.map((one) => {
    let path = "";
    one.values.forEach((value, at) => {
      const height = heightOf(value);
      bases[at]! -= height;
      if (height > 0)
        path += `M${(at * step).toFixed(1)} ${bases[at]}h${(step * 0.72).toFixed(1)}v${height}h-${(step * 0.72).toFixed(1)}z`;
    });
    const last = days.length - 1;
    names.push({ label: one.label, y: (bases[last] ?? plot) + heightOf(one.values[last] ?? 0) / 2 + 4 });
    return path;
  });
  spread(names);
  return (
    <svg className={styles.plot} viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" role="img" aria-label={label}>
      <line className={styles.plotLine} x1="0" x2={width - right} y1={plot} y2={plot} />
      <text x="0" y="10">
        {write(most)}
      </text>
      {paths.map((path, at) => (
        <path key={series[at]!.label} d={path} className={band[TONES[at % TONES.length]!]}>
          <title>{series[at]!.label}</title>
        </path>
      ))}
      {names.map((name, at) => (
        <g key={name.label} transform={`translate(${width - right + 8} ${name.y})`}>
          <rect width="7" height="7" y="-8" className={band[TONES[at % TONES.length]!]} />
          <text x="13">{name.label}</text>
        </g>
      ))}
      <text x="0" y={HEIGHT - 6}>
        {days[0] && writeDay(days[0])}
      </text>
      <text x={width - right} y={HEIGHT - 6} textAnchor="end">
        {days.length > 1 && writeDay(days.at(-1)!)}
      </text>
    </svg>
  );
}

const LINE = 17;

/** Moves names apart where columns are thin: the lowest first, each at least a line above the one below. */
function spread(names: { y: number }[]): void {
  const byHeight = [...names].sort((a, b) => b.y - a.y);
  for (let at = 1; at < byHeight.length; at++) byHeight[at]!.y = Math.min(byHeight[at]!.y, byHeight[at - 1]!.y - LINE);
}

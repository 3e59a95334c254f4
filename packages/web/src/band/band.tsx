import styles from "./band.module.css";
import type { Tone } from "./tone.ts";
import { motif, threads, weave } from "./weave.ts";

/** Width of a cell in CSS pixels. */
const CELL = 3;
const HALF = 3;

interface WovenProps {
  heights: readonly number[];
  half: number;
  cell: number;
  /** Outermost thread first. */
  tones: readonly Tone[];
  /** Bare columns before the first: warp without weft. */
  bare?: number;
  label?: string | undefined;
}

function Woven({ heights, half, cell, tones, bare = 0, label }: WovenProps) {
  const rows = 2 * half + 1;
  const columns = bare + heights.length;
  return (
    <svg
      className={styles.band}
      width={columns * cell}
      height={rows * cell}
      viewBox={`0 0 ${columns} ${rows}`}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {bare > 0 && <rect className={styles.warp} y={half} width={bare} height={1} />}
      {tones.map((tone, index) => (
        <path key={tone} className={styles[tone]} d={weave(heights, half, index, bare)} />
      ))}
    </svg>
  );
}

/** The band at rest, for the wordmark: whole diamonds, three colours nested. */
export function BandMark({ diamonds = 3, cell = 2 }: { diamonds?: number; cell?: number }) {
  return <Woven heights={motif(diamonds * 15)} half={HALF} cell={cell} tones={["cochineal", "maize", "indigo"]} />;
}

interface BandPlotProps {
  values: readonly number[];
  /** The value that fills the band; the largest shown where absent. */
  max?: number | undefined;
  tone: Tone;
  /** Columns; older values leave on the left, and missing ones are bare. */
  columns?: number;
  label: string;
}

/** A sparkline as cloth: one column a value, thick where the value is high. */
export function BandPlot({ values, max, tone, columns = 40, label }: BandPlotProps) {
  const shown = values.slice(-columns);
  const top = max ?? Math.max(0, ...shown);
  return (
    <Woven
      heights={threads(shown, top, HALF)}
      half={HALF}
      cell={CELL}
      tones={[tone]}
      bare={columns - shown.length}
      label={label}
    />
  );
}

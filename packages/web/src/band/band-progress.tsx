import { useId } from "react";
import styles from "./band.module.css";
import { motif, weave } from "./weave.ts";

/** Enough for the widest column at three pixels a cell. */
const COLUMNS = 720;
const HALF = 3;
const ROWS = 2 * HALF + 1;
const WOVEN = motif(COLUMNS);
const OUTER = weave(WOVEN, HALF);
const MIDDLE = weave(WOVEN, HALF, 1);
const INNER = weave(WOVEN, HALF, 2);

interface BandProgressProps {
  /** Share that is done, 0 to 1; null while nothing says how much there is. */
  share: number | null;
  label: string;
  /** Said by screen readers instead of the percentage. */
  text?: string | undefined;
}

/** Progress of anything long: bare warp, woven as far as the work has come. */
export function BandProgress({ share, label, text }: BandProgressProps) {
  const clip = useId();
  const percent = share === null ? undefined : Math.round(share * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={text}
    >
      <svg className={styles.progress} height={ROWS * 2} aria-hidden>
        <clipPath id={clip}>
          <rect width={`${(share ?? 0) * 100}%`} height={ROWS * 2} />
        </clipPath>
        {[0, 2, 4, 6].map((row) => (
          <rect key={row} className={styles.warp} y={row * 2 + 0.5} width="100%" height="1" />
        ))}
        <g clipPath={`url(#${clip})`}>
          <g transform="scale(2)">
            <path className={styles.cochineal} d={OUTER} />
            <path className={styles.maize} d={MIDDLE} />
            <path className={styles.indigo} d={INNER} />
          </g>
        </g>
      </svg>
    </div>
  );
}

import { useId } from "react";
import styles from "./band.module.css";
import { motif, weave } from "./weave.ts";

const DIAMOND = motif(15);
const HALF = 3;

/** The band across the whole width: the one ornament of the pages before you are in. */
export function Horizon() {
  const cloth = useId();
  return (
    <svg className={styles.horizon} aria-hidden>
      <pattern id={cloth} width="45" height="21" patternUnits="userSpaceOnUse">
        <g transform="scale(3)">
          <path className={styles.cochineal} d={weave(DIAMOND, HALF)} />
          <path className={styles.maize} d={weave(DIAMOND, HALF, 1)} />
          <path className={styles.indigo} d={weave(DIAMOND, HALF, 2)} />
        </g>
      </pattern>
      <rect width="100%" height="21" fill={`url(#${cloth})`} />
    </svg>
  );
}

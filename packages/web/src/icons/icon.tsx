import styles from "./icon.module.css";
import { type IconName, OUTLINES } from "./outlines.ts";

/** Decoration beside a word or inside a button that has a name; never the only thing that says something. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className={styles.icon} width={size} height={size} viewBox="0 0 16 16" aria-hidden>
      <path d={OUTLINES[name]} />
    </svg>
  );
}

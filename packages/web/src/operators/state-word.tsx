import type { Tone } from "../band/tone.ts";
import styles from "./operate.module.css";

/** A state in a word, with a mark whose form says the same as its colour. */
export function StateWord({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={styles.state} data-tone={tone}>
      {children}
    </span>
  );
}

import type { ReactNode } from "react";
import { useText } from "../language/language.tsx";
import styles from "./markdown.module.css";

/** A table that scrolls by itself, so that the text never does. Reachable by keyboard, since it may scroll. */
export function TableBlock({ children }: { children?: ReactNode }) {
  const text = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.table} aria-label={text.chat.table} tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}

import type { ReactNode } from "react";
import { useText } from "../language/language.tsx";
import styles from "./operate.module.css";

/** A column by its head; `figure`: its values stand at the right; `unseen`: its head is read out alone. */
export type Column =
  | string
  | { readonly head: string; readonly is: "figure" | "unseen" }
  | { readonly head: string; readonly span: number };

export const figure = (head: string): Column => ({ head, is: "figure" });

interface WideTableProps {
  /** What it lists. */
  name: string;
  columns: readonly Column[];
  /** Each row ends with what can be done with it. */
  withActions?: boolean;
  children: ReactNode;
}

/** A dense table that scrolls by itself where it is wider than the page. Its rows are the children. */
export function WideTable({ name, columns, withActions = false, children }: WideTableProps) {
  const text = useText().operate;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.scroll} aria-label={name} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map(toHead)}
            {withActions && (
              <th className={styles.act}>
                <span className="unseen">{text.action}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

function toHead(column: Column) {
  if (typeof column === "string") return <th key={column}>{column}</th>;
  const { head } = column;
  if ("span" in column) {
    return (
      <th key={head} colSpan={column.span}>
        {head}
      </th>
    );
  }
  return column.is === "figure" ? (
    <th key={head} className={styles.figure}>
      {head}
    </th>
  ) : (
    <th key={head}>
      <span className="unseen">{head}</span>
    </th>
  );
}

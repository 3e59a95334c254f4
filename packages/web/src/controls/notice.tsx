import type { ReactNode } from "react";
import { Icon } from "../icons/icon.tsx";
import styles from "./notice.module.css";

/** Something went wrong: what happened, what it means, what to do. Read out at once. */
export function Problem({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.problem} role="alert">
      <Icon name="warning" />
      <div className={styles.words}>{children}</div>
      {action}
    </div>
  );
}

/** A place with nothing in it yet: one thing to know, one thing to do. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

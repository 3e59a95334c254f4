import type { ReactNode } from "react";
import { Horizon } from "../band/horizon.tsx";
import styles from "./door.module.css";

/** The pages before you are in: the name, the band as a horizon, and one form below it. */
export function Door({ title, line, children }: { title: string; line?: ReactNode; children?: ReactNode }) {
  return (
    <main className={styles.door}>
      <p className={styles.name}>Arriero</p>
      <Horizon />
      <section className={styles.below}>
        <h1>{title}</h1>
        {line && <p className={styles.line}>{line}</p>}
        {children}
      </section>
    </main>
  );
}

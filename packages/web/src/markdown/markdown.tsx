import { lazy, Suspense } from "react";
import styles from "./markdown.module.css";

const View = lazy(() => import("./markdown-view.tsx"));

/** A model's text, set. Until the reader of markdown is here it stands as it was written. */
export function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  return (
    <Suspense fallback={<div className={`${styles.prose} ${styles.plain}`}>{text}</div>}>
      <View text={text} growing={growing} />
    </Suspense>
  );
}

import { lazy, Suspense, useState } from "react";
import styles from "./markdown.module.css";
import { piecesOf } from "./pieces.ts";

const View = lazy(() => import("./markdown-view.tsx"));

/** A link or a note that is defined elsewhere in the text: it cannot be read in pieces. */
const REFERS = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * A model's text, set. Until the reader of markdown is here it stands as it was written. A text that grows is read in pieces,
 * so that only its end is read again; it stays in them when it has ended, so that nothing is drawn anew.
 */
export function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  const [grew] = useState(growing);
  const pieces = grew && (growing || !REFERS.test(text)) ? piecesOf(text) : [text];
  return (
    <Suspense fallback={<div className={`${styles.prose} ${styles.plain}`}>{text}</div>}>
      <View pieces={pieces} mode={grew ? "streaming" : "static"} growing={growing} />
    </Suspense>
  );
}

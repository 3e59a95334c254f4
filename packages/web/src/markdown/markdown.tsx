import { lazy, Suspense, useState } from "react";
import styles from "./markdown.module.css";
import type MarkdownView from "./markdown-view.tsx";
import { piecesOf } from "./pieces.ts";

let view: typeof MarkdownView | undefined;

/** Fetches the reader of markdown, if it is not here yet. */
export async function fetchMarkdown() {
  const module = await import("./markdown-view.tsx");
  view = module.default;
  return module;
}

const WhenFetched = lazy(fetchMarkdown);

/** A link or a note that is defined elsewhere in the text: it cannot be read in pieces. */
const REFERS = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * A model's text, set. Until the reader of markdown is here it stands as it was written. A text that grows is read in pieces,
 * so that only its end is read again; it stays in them when it has ended, so that nothing is drawn anew.
 */
export function Markdown({ text, growing = false }: { text: string; growing?: boolean }) {
  const [grew] = useState(growing);
  // What is here is drawn at once; what React waits for is drawn twice.
  const [View] = useState(() => view ?? WhenFetched);
  const pieces = grew && (growing || !REFERS.test(text)) ? piecesOf(text) : [text];
  return (
    <Suspense fallback={<div className={`${styles.prose} ${styles.plain}`}>{text}</div>}>
      <View pieces={pieces} mode={grew ? "streaming" : "static"} growing={growing} />
    </Suspense>
  );
}

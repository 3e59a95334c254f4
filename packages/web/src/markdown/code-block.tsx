import { type ReactNode, useEffect, useState } from "react";
import { useIsCodeFenceIncomplete } from "streamdown";
import { CopyButton } from "../controls/copy-button.tsx";
import { useText } from "../language/language.tsx";
import styles from "./code-block.module.css";
import { languageNamed } from "./code-languages.ts";
import diagram from "./diagram/diagram.module.css";
import { useDrawing } from "./diagram/use-drawing.ts";
import type { CodeLine } from "./highlight.ts";

/** The language that diagrams are written in. */
const DIAGRAM = "mermaid";

/** Longer code stays plain: colouring it would hold up the page. */
const LONGEST_COLOURED = 40_000;

/** The text in React children. */
function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  return "";
}

function useColours(code: string, language: string | undefined, complete: boolean): CodeLine[] | null {
  const [lines, setLines] = useState<{ code: string; lines: CodeLine[] } | null>(null);
  const known = language === undefined ? undefined : languageNamed(language);
  useEffect(() => {
    if (!known || !complete || code.length > LONGEST_COLOURED) return;
    let left = false;
    void import("./highlight.ts")
      .then(({ highlight }) => highlight(code, known))
      .then((coloured) => {
        if (!left) setLines({ code, lines: coloured });
      });
    return () => {
      left = true;
    };
  }, [code, known, complete]);
  return lines?.code === code ? lines.lines : null;
}

/** Code with its language and a way to copy it; long lines scroll, they never wrap. A diagram's code is drawn. */
export function CodeBlock({ children, className }: { children?: ReactNode; className?: string | undefined }) {
  const text = useText().chat;
  const complete = !useIsCodeFenceIncomplete();
  const code = textOf(children).replace(/\n$/, "");
  const language = /language-([^\s]+)/.exec(className ?? "")?.[1];
  const lines = useColours(code, language, complete);
  const drawing = useDrawing(code, complete && language === DIAGRAM);
  const [asCode, setAsCode] = useState(false);
  return (
    <figure className={styles.block}>
      <figcaption className={styles.head}>
        <span>{language ?? ""}</span>
        <span>
          {drawing && (
            <button type="button" className={diagram.toggle} onClick={() => setAsCode(!asCode)}>
              {asCode ? text.showDiagram : text.showSource}
            </button>
          )}
          <CopyButton text={() => code} name={text.copyCode} />
        </span>
      </figcaption>
      {drawing && !asCode ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div className={diagram.drawing} tabIndex={0}>
          <img src={drawing.address} width={drawing.width} height={drawing.height} alt={text.diagram} />
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre className={styles.code} tabIndex={0}>
          <code>{lines ? lines.map(colouredLine) : code}</code>
        </pre>
      )}
      {drawing === null && <p className={diagram.none}>{text.noDiagram}</p>}
    </figure>
  );
}

function colouredLine(line: CodeLine, index: number) {
  return (
    <span key={index}>
      {line.map((piece, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
        <span key={at} className={piece.kind && styles[piece.kind]}>
          {piece.text}
        </span>
      ))}
      {"\n"}
    </span>
  );
}

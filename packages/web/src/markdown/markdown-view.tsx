import { type CSSProperties, memo, type ReactNode, useEffect, useState } from "react";
import { type Components, type PluginConfig, Streamdown } from "streamdown";
import { CodeBlock } from "./code-block.tsx";
import styles from "./markdown.module.css";
import { SafeImage } from "./safe-image.tsx";
import { SafeLink } from "./safe-link.tsx";
import { TableBlock } from "./table-block.tsx";

interface Inner {
  children?: ReactNode;
}

/** Every element the library would dress in classes of its own. Attributes it passes beyond these are left behind. */
const ELEMENTS = {
  a: SafeLink,
  img: SafeImage,
  code: CodeBlock,
  inlineCode: ({ children }: Inner) => <code className={styles.code}>{children}</code>,
  table: TableBlock,
  thead: ({ children }: Inner) => <thead>{children}</thead>,
  tbody: ({ children }: Inner) => <tbody>{children}</tbody>,
  tr: ({ children }: Inner) => <tr>{children}</tr>,
  th: ({ children, style }: Inner & { style?: CSSProperties }) => <th style={{ textAlign: style?.textAlign }}>{children}</th>,
  td: ({ children, style }: Inner & { style?: CSSProperties }) => <td style={{ textAlign: style?.textAlign }}>{children}</td>,
  h1: ({ children }: Inner) => <h3>{children}</h3>,
  h2: ({ children }: Inner) => <h3>{children}</h3>,
  h3: ({ children }: Inner) => <h4>{children}</h4>,
  h4: ({ children }: Inner) => <h4>{children}</h4>,
  h5: ({ children }: Inner) => <h4>{children}</h4>,
  h6: ({ children }: Inner) => <h4>{children}</h4>,
  p: ({ children }: Inner) => <p>{children}</p>,
  ul: ({ children }: Inner) => <ul>{children}</ul>,
  ol: ({ children, start }: Inner & { start?: number }) => <ol start={start}>{children}</ol>,
  li: ({ children }: Inner) => <li>{children}</li>,
  blockquote: ({ children }: Inner) => <blockquote>{children}</blockquote>,
  strong: ({ children }: Inner) => <strong>{children}</strong>,
  sup: ({ children }: Inner) => <sup>{children}</sup>,
  sub: ({ children }: Inner) => <sub>{children}</sub>,
  hr: () => <hr />,
} as Components;

/** Links ask nothing: `SafeLink` has seen to them. */
const LINKS = { enabled: false };

/** What may be mathematics; only then is its library fetched. */
const MATHS = /\$\$|\\\(|\\\[/;

function useMaths(text: string): PluginConfig {
  const wanted = MATHS.test(text);
  const [plugins, setPlugins] = useState<PluginConfig>({});
  useEffect(() => {
    if (!wanted) return;
    let left = false;
    void import("./maths.ts").then(({ maths }) => {
      if (!left) setPlugins({ math: maths });
    });
    return () => {
      left = true;
    };
  }, [wanted]);
  return plugins;
}

interface PieceProps {
  text: string;
  mode: "static" | "streaming";
  growing: boolean;
}

/** The library's sanitiser stays in place: it is lost when its `rehypePlugins` are replaced. */
const Piece = memo(function Piece({ text, mode, growing }: PieceProps) {
  const plugins = useMaths(text);
  return (
    <Streamdown
      mode={mode}
      parseIncompleteMarkdown={growing}
      components={ELEMENTS}
      plugins={plugins}
      controls={false}
      linkSafety={LINKS}
    >
      {text}
    </Streamdown>
  );
});

interface MarkdownViewProps {
  pieces: readonly string[];
  mode: "static" | "streaming";
  /** The last piece does. */
  growing: boolean;
}

export default function MarkdownView({ pieces, mode, growing }: MarkdownViewProps) {
  return (
    <div className={styles.prose}>
      {pieces.map((piece, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a piece is its place
        <Piece key={at} text={piece} mode={mode} growing={growing && at === pieces.length - 1} />
      ))}
    </div>
  );
}

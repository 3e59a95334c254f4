import styles from "./diagram.module.css";

/** A picture in an address of its own, and its size in CSS pixels. */
export interface Drawing {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** Longer ones stay code: what drawing them takes is anyone's guess. */
const MOST_CHARACTERS = 8_000;
/** A drawing that is not there by then never will be. */
const PATIENCE_MS = 10_000;
/** The frame stays for the next one so long, and is gone when nothing is drawn any more. */
const REST_MS = 2_000;
const LARGEST_SVG = 300_000;
const WIDEST_PX = 20_000;
const MOST_KEPT = 32;

/** By colours and text; null: it cannot be drawn. The one that was wanted longest ago leaves first. */
const kept = new Map<string, Drawing | null>();
let before: Promise<unknown> = Promise.resolve();

const keyOf = (text: string, dark: boolean) => `${dark ? "dark" : "light"} ${text}`;

export const isDrawable = (text: string): boolean => text.trim() !== "" && text.length <= MOST_CHARACTERS;

/** What is known of it already; undefined: nothing. */
export const keptDrawing = (text: string, dark: boolean): Drawing | null | undefined => kept.get(keyOf(text, dark));

/**
 * The diagram that `text` describes, in Mermaid's language; null where it cannot be drawn. One is drawn at a time; once `left` is aborted it is not begun.
 */
export function drawDiagram(text: string, dark: boolean, left: AbortSignal): Promise<Drawing | null> {
  const drawn = before.then(async () => {
    const known = keptDrawing(text, dark);
    if (known !== undefined || left.aborted || !isDrawable(text)) return known ?? null;
    const answer = await fromFrame({ text, dark });
    const drawing = readDrawing(answer);
    // A frame that did not answer may the next time.
    if (answer !== undefined) keep(keyOf(text, dark), drawing);
    return drawing;
  });
  before = drawn;
  return drawn;
}

function keep(key: string, drawing: Drawing | null): void {
  kept.delete(key);
  kept.set(key, drawing);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) return;
    kept.delete(oldest);
  }
}

/** A frame that draws, one diagram after the other. */
interface DrawingFrame {
  /** What it answered: of a stranger's making, for all one knows. undefined: nothing, in all the time it had. */
  ask(asked: { text: string; dark: boolean }): Promise<unknown>;
  close(): void;
}

function openFrame(): DrawingFrame {
  const frame = document.createElement("iframe");
  // Without `allow-same-origin`: nothing of this page is in its reach.
  frame.sandbox.add("allow-scripts");
  frame.src = "/diagram/frame.html";
  frame.className = styles.frame ?? "";
  frame.title = "Diagram";
  frame.tabIndex = -1;
  frame.ariaHidden = "true";
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  document.body.append(frame);
  return {
    ask: (asked) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        const end = (answer?: unknown) => {
          clearTimeout(timer);
          port1.close();
          resolve(answer);
        };
        const timer = setTimeout(end, PATIENCE_MS);
        port1.onmessage = ({ data }) => end(data);
        void loaded.then(() => frame.contentWindow?.postMessage(asked, "*", [port2]));
      }),
    close: () => frame.remove(),
  };
}

let open: DrawingFrame | undefined;
let closing: ReturnType<typeof setTimeout> | undefined;

async function fromFrame(asked: { text: string; dark: boolean }): Promise<unknown> {
  clearTimeout(closing);
  open ??= openFrame();
  const answer = await open.ask(asked);
  const close = () => {
    open?.close();
    open = undefined;
  };
  if (answer === undefined) close();
  else closing = setTimeout(close, REST_MS);
  return answer;
}

/** null: not a drawing, or one that is too large to be shown. */
export function readDrawing(answer: unknown): Drawing | null {
  if (typeof answer !== "object" || answer === null) return null;
  const { height, svg, width } = answer as { svg?: unknown; width?: unknown; height?: unknown };
  if (typeof svg !== "string" || !svg.startsWith("<svg") || svg.length > LARGEST_SVG) return null;
  if (!isSize(width) || !isSize(height)) return null;
  return {
    address: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`,
    width: Math.ceil(width),
    height: Math.ceil(height),
  };
}

const isSize = (value: unknown): value is number => typeof value === "number" && value >= 1 && value <= WIDEST_PX;

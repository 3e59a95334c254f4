import { stripVTControlCharacters } from "node:util";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** East Asian Wide and Fullwidth blocks, and pictographs shown as emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u;
const INVISIBLE = /^[\p{Mark}\p{Control}\p{Format}]+$/u;
const ASCII = /^[\x20-\x7e]*$/;

function clusterWidth(cluster: string): number {
  if (INVISIBLE.test(cluster)) return 0;
  return WIDE.test(cluster) ? 2 : 1;
}

/** Terminal cells that `text` takes; escape sequences take none. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) width += clusterWidth(segment);
  return width;
}

/** `text` without escape sequences, cut to `width` cells; a cut shows as an ellipsis. */
export function truncate(text: string, width: number): string {
  const bare = stripVTControlCharacters(text);
  if (displayWidth(bare) <= width) return bare;
  if (width <= 0) return "";
  let cut = "";
  let used = 0;
  for (const { segment } of segmenter.segment(bare)) {
    const next = used + clusterWidth(segment);
    if (next > width - 1) break;
    cut += segment;
    used = next;
  }
  return `${cut}…`;
}

export type Alignment = "left" | "right";

/** Pads to `width` cells; longer text is left as it is. */
export function pad(text: string, width: number, align: Alignment = "left"): string {
  const space = " ".repeat(Math.max(0, width - displayWidth(text)));
  return align === "left" ? text + space : space + text;
}

/** Words broken to lines of at most `width` cells; a word longer than that stands alone. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(/ +/)) {
      if (line !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

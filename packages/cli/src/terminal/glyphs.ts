/** The marks that a terminal without Unicode cannot show, and what stands in for them. */
export interface Glyphs {
  /** Two alternating cells of the weave, each with its half-woven form. */
  readonly weave: readonly [{ full: string; half: string }, { full: string; half: string }];
  /** The warp: what is not woven yet. */
  readonly warp: string;
  readonly ok: string;
  readonly warning: string;
  readonly failed: string;
  readonly dot: string;
  /** Bar cells from one eighth to full. */
  readonly eighths: readonly string[];
}

export const UNICODE: Glyphs = {
  weave: [
    { full: "▞", half: "▖" },
    { full: "▚", half: "▘" },
  ],
  warp: "┄",
  ok: "✓",
  warning: "!",
  failed: "✗",
  dot: "·",
  eighths: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
};

export const ASCII: Glyphs = {
  weave: [
    { full: "/", half: "." },
    { full: "\\", half: "'" },
  ],
  warp: "-",
  ok: "ok",
  warning: "!",
  failed: "x",
  dot: "-",
  eighths: ["", "", "", "=", "=", "=", "=", "="],
};

/** ASCII on the Linux console, in the C locale and where the locale names another encoding. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>, platform: string): Glyphs {
  if (platform === "win32") return env.WT_SESSION || env.TERM_PROGRAM ? UNICODE : ASCII;
  if (env.TERM === "linux") return ASCII;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return locale === "" || /utf-?8/i.test(locale) ? UNICODE : ASCII;
}

/** How many colours the terminal shows. `none` writes no escape sequence at all. */
export type ColourDepth = "none" | "ansi16" | "ansi256" | "truecolor";

/** Styles by meaning. One accent; everything else is weight. */
export interface Palette {
  /** The one colour: the band, the user's prompt, the error mark. */
  accent(text: string): string;
  strong(text: string): string;
  /** Secondary text. */
  quiet(text: string): string;
}

/** Cochineal, readable on dark and on light grounds. */
const ACCENT: Record<Exclude<ColourDepth, "none">, string> = {
  ansi16: "\u001b[31m",
  ansi256: "\u001b[38;5;167m",
  truecolor: "\u001b[38;2;214;70;84m",
};

const plain = (text: string): string => text;

export function createPalette(depth: ColourDepth): Palette {
  if (depth === "none") return { accent: plain, strong: plain, quiet: plain };
  return {
    accent: (text) => `${ACCENT[depth]}${text}\u001b[39m`,
    strong: (text) => `\u001b[1m${text}\u001b[22m`,
    quiet: (text) => `\u001b[2m${text}\u001b[22m`,
  };
}

export interface ColourQuestion {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--no-color` gives false, `--color` true, neither undefined. */
  readonly flag?: boolean | undefined;
}

/** Colours are off where output is no terminal, NO_COLOR is set (https://no-color.org) or the terminal is dumb. */
export function colourDepth({ isTTY, env, flag }: ColourQuestion): ColourDepth {
  if (flag === false) return "none";
  if (flag !== true) {
    if (!isTTY || (env.NO_COLOR !== undefined && env.NO_COLOR !== "") || env.TERM === "dumb") return "none";
  }
  if (env.COLORTERM === "truecolor" || env.COLORTERM === "24bit") return "truecolor";
  return env.TERM?.includes("256color") ? "ansi256" : "ansi16";
}

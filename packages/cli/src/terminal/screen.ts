import { type Glyphs, glyphsFor } from "./glyphs.ts";
import { colourDepth, createPalette, type Palette } from "./palette.ts";

/** Columns assumed where the output does not say: a file, a pipe. */
const DEFAULT_COLUMNS = 100;
const LEAST_COLUMNS = 20;

/** One output and what it can show. */
export interface Screen {
  readonly isTTY: boolean;
  readonly palette: Palette;
  readonly glyphs: Glyphs;
  /** Cells in a row now; terminals are resized while we write. */
  columns(): number;
  write(text: string): void;
}

export interface ScreenStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function createScreen(
  stream: ScreenStream,
  env: Readonly<Record<string, string | undefined>>,
  options: { colour?: boolean | undefined; platform?: string } = {},
): Screen {
  const isTTY = stream.isTTY === true;
  return {
    isTTY,
    palette: createPalette(colourDepth({ isTTY, env, flag: options.colour })),
    glyphs: glyphsFor(env, options.platform ?? process.platform),
    columns: () => Math.max(LEAST_COLUMNS, stream.columns ?? DEFAULT_COLUMNS),
    write: (text) => {
      stream.write(text);
    },
  };
}

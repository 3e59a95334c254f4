import type { Glyphs } from "./glyphs.ts";
import type { Palette } from "./palette.ts";

export interface BandStyle {
  readonly glyphs: Glyphs;
  readonly palette: Palette;
}

/** Cells of the shuttle that runs over the warp while the end is unknown. */
const SHUTTLE = 6;

/**
 * The woven band, `width` cells long: woven up to `fraction` (0..1), bare warp after it.
 * Half cells make the edge move twice as finely as the cells. `row` 1 is the mirrored row of a two-row weave.
 */
export function band(fraction: number, width: number, { glyphs, palette }: BandStyle, row: 0 | 1 = 0): string {
  const share = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
  const halves = Math.floor(share * width * 2);
  const full = Math.floor(halves / 2);
  let woven = "";
  for (let cell = 0; cell < full; cell++) woven += glyphs.weave[((cell + row) % 2) as 0 | 1].full;
  if (halves % 2 === 1) woven += glyphs.weave[((full + row) % 2) as 0 | 1].half;
  const bare = glyphs.warp.repeat(width - full - (halves % 2));
  return (woven === "" ? "" : palette.accent(woven)) + (bare === "" ? "" : palette.quiet(bare));
}

/** The band while nobody knows how long it takes: a piece of weave going to and fro, placed by `tick`. */
export function shuttle(tick: number, width: number, { glyphs, palette }: BandStyle): string {
  const length = Math.min(SHUTTLE, width);
  const travel = width - length;
  const phase = travel === 0 ? 0 : tick % (2 * travel);
  const start = phase <= travel ? phase : 2 * travel - phase;
  let woven = "";
  for (let cell = start; cell < start + length; cell++) woven += glyphs.weave[(cell % 2) as 0 | 1].full;
  const before = glyphs.warp.repeat(start);
  const after = glyphs.warp.repeat(width - start - length);
  return (before && palette.quiet(before)) + (woven && palette.accent(woven)) + (after && palette.quiet(after));
}

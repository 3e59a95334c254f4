/**
 * ggml's CPU flash attention works in tiles of this many query rows, and row by row, seven times slower, where a batch
 * has fewer. It also scores a tile against every cell that any of its rows attends to, so rows of different sequences do
 * not belong in one tile: decoding streams and prefill run apart, and fewer streams than a tile decode together.
 */
export const TILE_TOKENS = 64;

/** Attending to one cell, in parts of a token's matrix work times `width`: measured on AVX-512 with a 1.1 B llama. */
const ROW_COST = 30;
const TILE_COST = 4;
/** Chunks this short are decode steps or close to them: never padded. */
const MIN_TOKENS = 16;

/**
 * Tokens to add to a short prefill so that its attention is tiled, 0 where that does not pay. The padding attends to
 * itself alone and is forgotten after the run.
 *
 * @param tokens in the batch
 * @param cells that its longest sequence attends to
 * @param width parameters / layers / n_embd: the weight of matrix work against attention
 */
export function paddingTokens(tokens: number, cells: number, width: number): number {
  if (tokens < MIN_TOKENS || tokens >= TILE_TOKENS) return 0;
  const padding = TILE_TOKENS - tokens;
  const byRows = (tokens * cells * ROW_COST) / width;
  const byTile = padding + (TILE_TOKENS * cells * TILE_COST) / width;
  return byTile < byRows ? padding : 0;
}

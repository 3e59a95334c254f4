import type { TensorShape } from "./dimensions.ts";

export const QUANTS = ["q4_0", "q4_k_m"] as const;
export type Quant = (typeof QUANTS)[number];

export type BlockType = "F32" | "Q4_0" | "Q4_K" | "Q6_K";

/** ggml's type number, weights per block and bytes per block. */
export const BLOCK_LAYOUT: Record<BlockType, { readonly ggmlType: number; readonly weights: number; readonly bytes: number }> = {
  F32: { ggmlType: 0, weights: 1, bytes: 4 },
  Q4_0: { ggmlType: 2, weights: 32, bytes: 18 },
  Q4_K: { ggmlType: 12, weights: 256, bytes: 144 },
  Q6_K: { ggmlType: 14, weights: 256, bytes: 210 },
};

/** `general.file_type` of the GGUF. */
export const FILE_TYPE: Record<Quant, number> = { q4_0: 2, q4_k_m: 15 };

/** Which block type llama.cpp's quantiser gives this tensor: the same mix, so that the same kernels run. */
export function blockTypeOf(shape: TensorShape, quant: Quant, layers: number): BlockType {
  if (shape.rows === 1) return "F32";
  if (shape.name === "output.weight") return "Q6_K";
  if (quant === "q4_0") return "Q4_0";
  const [, layer, kind] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(shape.name) ?? [];
  const sensitive = kind === "attn_v" || kind === "ffn_down";
  return sensitive && takesMoreBits(Number(layer), layers) ? "Q6_K" : "Q4_K";
}

/** The first and last eighth of the layers, and every third between: Q4_K_M's rule. */
function takesMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

export function byteLength(shape: TensorShape, type: BlockType): number {
  const layout = BLOCK_LAYOUT[type];
  return ((shape.columns * shape.rows) / layout.weights) * layout.bytes;
}

import { isTensorType } from "@arriero/ggml";
import { type GgufHeader, numberValue, textValue } from "../../gguf/gguf-header.ts";

/** What the graph of a llama-like model needs to know. Counts; lengths in elements. */
export interface ModelShape {
  readonly layers: number;
  readonly embedding: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headLength: number;
  readonly vocabulary: number;
  readonly contextTrain: number;
  readonly normEpsilon: number;
  readonly rope: { readonly dimensions: number; readonly base: number; readonly scale: number; readonly mode: number };
}

/** How an architecture pairs the elements that rope turns: neighbours, or halves of the head. */
const ROPE_MODES: Readonly<Record<string, number>> = { llama: 0, qwen2: 2, qwen3: 2 };

const OUTER = new Set(["token_embd.weight", "output_norm.weight", "output.weight", "rope_freqs.weight"]);
const INNER =
  /^blk\.\d+\.(?:attn_norm|ffn_norm|attn_[qk]_norm|attn_[qkv]|attn_output|ffn_(?:gate|up|down))\.weight$|^blk\.\d+\.attn_[qkv]\.bias$/;

/** The model's shape, or why its graph is left to libllama: in words, for a log. */
export function readModelShape(header: GgufHeader): ModelShape | string {
  const architecture = textValue(header, "general.architecture") ?? "none";
  const mode = ROPE_MODES[architecture];
  if (mode === undefined) return `architecture ${architecture}`;
  const number = (key: string) => numberValue(header, `${architecture}.${key}`);
  if ((number("expert_count") ?? 0) > 0) return "experts";
  if (number("attention.sliding_window") !== null) return "sliding window attention";
  const scaling = textValue(header, `${architecture}.rope.scaling.type`);
  if (scaling !== null && scaling !== "none" && scaling !== "linear") return `rope scaling ${scaling}`;
  const odd = header.tensors.find(({ name, type }) => !(OUTER.has(name) || INNER.test(name)) || !isTensorType(type));
  if (odd !== undefined) return `tensor ${odd.name} (${odd.type})`;

  const layers = number("block_count");
  const embedding = number("embedding_length");
  const heads = number("attention.head_count");
  const normEpsilon = number("attention.layer_norm_rms_epsilon");
  const vocabulary = header.tensors.find(({ name }) => name === "token_embd.weight")?.dimensions[1];
  if (!layers || !embedding || !heads || !normEpsilon || !vocabulary) return "metadata that is not there";
  const kvHeads = number("attention.head_count_kv") ?? heads;
  const headLength = number("attention.key_length") ?? embedding / heads;
  if (number("attention.value_length") !== null && number("attention.value_length") !== headLength)
    return "values of another length";
  if (!Number.isInteger(headLength) || headLength % 16 !== 0 || heads % kvHeads !== 0) return `heads of ${headLength}`;
  return {
    layers,
    embedding,
    heads,
    kvHeads,
    headLength,
    vocabulary,
    contextTrain: number("context_length") ?? 0,
    normEpsilon,
    rope: {
      dimensions: number("rope.dimension_count") ?? headLength,
      base: number("rope.freq_base") ?? 10_000,
      scale: scaling === "linear" ? 1 / (number("rope.scaling.factor") ?? 1) : 1,
      mode,
    },
  };
}

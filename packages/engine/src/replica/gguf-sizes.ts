import { type GgufHeader, numberValue, textValue } from "../gguf/gguf-header.ts";
import type { KvShape } from "./context-size.ts";

/** Weights in the file, counted over its tensors. */
export function parametersOf(header: GgufHeader): number {
  return header.tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
}

/** What decides the size of a KV cell, from the header alone. */
export function kvShape(header: GgufHeader): KvShape {
  const architecture = textValue(header, "general.architecture") ?? "";
  const value = (key: string) => numberValue(header, `${architecture}.${key}`);
  const heads = value("attention.head_count") ?? 1;
  const headLength = Math.floor((value("embedding_length") ?? 0) / Math.max(1, heads));
  return {
    layers: value("block_count") ?? 1,
    headsKv: value("attention.head_count_kv") ?? heads,
    keyLength: value("attention.key_length") ?? headLength,
    valueLength: value("attention.value_length") ?? headLength,
    contextLength: value("context_length") ?? 0,
  };
}

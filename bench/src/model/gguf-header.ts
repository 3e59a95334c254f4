/** A metadata value, tagged with the GGUF type it is written as. */
export type MetadataValue =
  | { readonly type: "u32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "i32s"; readonly value: readonly number[] };

export interface TensorEntry {
  readonly name: string;
  /** Innermost first, as ggml counts them. */
  readonly shape: readonly number[];
  readonly ggmlType: number;
  readonly bytes: number;
}

export const ALIGNMENT = 32;

/** Bytes up to the next multiple of the alignment. */
export function padding(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

const TYPE_IDS = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u64(bytes.length), bytes]);
}

function encode(entry: MetadataValue): Buffer {
  switch (entry.type) {
    case "u32":
      return Buffer.concat([u32(TYPE_IDS.u32), u32(entry.value)]);
    case "f32":
      return Buffer.concat([u32(TYPE_IDS.f32), f32(entry.value)]);
    case "bool":
      return Buffer.concat([u32(TYPE_IDS.bool), Buffer.from([entry.value ? 1 : 0])]);
    case "string":
      return Buffer.concat([u32(TYPE_IDS.string), text(entry.value)]);
    case "strings":
      return Buffer.concat([u32(TYPE_IDS.array), u32(TYPE_IDS.string), u64(entry.value.length), ...entry.value.map(text)]);
    case "i32s":
      return Buffer.concat([
        u32(TYPE_IDS.array),
        u32(TYPE_IDS.i32),
        u64(entry.value.length),
        Buffer.from(Int32Array.from(entry.value).buffer),
      ]);
    default:
      return entry satisfies never;
  }
}

/** A GGUF v3 header, padded so that the first tensor's bytes follow directly. Tensors are laid out in order, each aligned. */
export function ggufHeader(metadata: Readonly<Record<string, MetadataValue>>, tensors: readonly TensorEntry[]): Buffer {
  let offset = 0;
  const entries = tensors.map((tensor) => {
    const entry = [text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64), u32(tensor.ggmlType), u64(offset)];
    offset += tensor.bytes + padding(tensor.bytes);
    return Buffer.concat(entry);
  });
  const pairs = Object.entries(metadata).map(([key, value]) => Buffer.concat([text(key), encode(value)]));
  const header = Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors.length), u64(pairs.length), ...pairs, ...entries]);
  return Buffer.concat([header, Buffer.alloc(padding(header.length))]);
}

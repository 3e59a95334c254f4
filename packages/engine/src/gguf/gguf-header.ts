/** The scalar types of the format, and `string`. */
export type GgufScalarType =
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "float32"
  | "bool"
  | "string"
  | "uint64"
  | "int64"
  | "float64";

/** A 64-bit integer is a bigint only where a number cannot hold it. */
export type GgufScalar = number | bigint | boolean | string;

/** An array of the metadata. `values` is null where it was too long to keep: it was checked and passed over. */
export interface GgufArray {
  readonly elementType: GgufScalarType;
  readonly length: number;
  readonly values: readonly GgufScalar[] | null;
}

export type GgufValue =
  | { readonly type: GgufScalarType; readonly value: GgufScalar }
  | { readonly type: "array"; readonly value: GgufArray };

export interface GgufTensor {
  readonly name: string;
  /** Fastest-varying dimension first; 0 to 4 of them. */
  readonly dimensions: readonly number[];
  /** Name of the ggml type: `F32`, `Q4_K`, ... */
  readonly type: string;
  readonly elements: number;
  readonly bytes: number;
  /** From the start of the data section. */
  readonly offset: number;
}

/** What stands before the weights of a GGUF file, every bound checked. */
export interface GgufHeader {
  readonly version: 2 | 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  readonly alignment: number;
  /** Where the tensor data begins, from the start of the file. */
  readonly dataOffset: number;
  readonly fileBytes: number;
}

/** The text under `key`, or null where it is missing or no text. */
export function textValue(header: GgufHeader, key: string): string | null {
  const entry = header.metadata.get(key);
  return entry?.type === "string" ? String(entry.value) : null;
}

/** The number under `key`, or null where it is missing, no number, or too large for one. */
export function numberValue(header: GgufHeader, key: string): number | null {
  const value = header.metadata.get(key)?.value;
  return typeof value === "number" ? value : null;
}

/** The array under `key`, or null. */
export function arrayValue(header: GgufHeader, key: string): GgufArray | null {
  const entry = header.metadata.get(key);
  return entry?.type === "array" ? entry.value : null;
}

/** True for a LoRA adapter, which cannot be served by itself. */
export function isAdapter(header: GgufHeader): boolean {
  return textValue(header, "general.type") === "adapter";
}

import { TENSOR_TYPES } from "../tensor-types.ts";

/** A value to write; plain numbers become uint32, plain strings and booleans themselves. */
export type FixtureValue =
  | string
  | number
  | boolean
  | readonly string[]
  | { readonly type: "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64"; readonly value: number }
  | { readonly type: "uint64" | "int64"; readonly value: bigint }
  | { readonly type: "uint8[]" | "int32[]" | "float32[]" | "bool[]"; readonly values: readonly number[] };

export interface FixtureTensor {
  readonly name: string;
  readonly dimensions: readonly number[];
  /** Name of the ggml type, F32 by default. */
  readonly type?: string;
  readonly data?: Uint8Array;
}

export interface FixtureGguf {
  readonly version?: number;
  readonly metadata: Readonly<Record<string, FixtureValue>>;
  readonly tensors?: readonly FixtureTensor[];
  readonly alignment?: number;
}

const NUMBERS = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** A GGUF file for tests, written the plain way. */
export function writeGguf(fixture: FixtureGguf): Buffer {
  const alignment = fixture.alignment ?? 32;
  const metadata: Record<string, FixtureValue> = { ...fixture.metadata };
  if (fixture.alignment !== undefined) metadata["general.alignment"] = fixture.alignment;
  const tensors = fixture.tensors ?? [];
  const header: Buffer[] = [
    Buffer.from("GGUF"),
    u32(fixture.version ?? 3),
    u64(tensors.length),
    u64(Object.keys(metadata).length),
  ];
  for (const [key, value] of Object.entries(metadata)) header.push(text(key), encode(value));
  const data: Buffer[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const typeName = tensor.type ?? "F32";
    const [id, type] = [...TENSOR_TYPES].find(([, type]) => type.name === typeName) ?? [];
    if (id === undefined || type === undefined) throw new Error(`no tensor type ${typeName}`);
    const elements = tensor.dimensions.reduce((a, b) => a * b, 1);
    const bytes = (elements / type.blockElements) * type.blockBytes;
    header.push(text(tensor.name), u32(tensor.dimensions.length), ...tensor.dimensions.map(u64), u32(id), u64(offset));
    const body = Buffer.alloc(Math.ceil(bytes / alignment) * alignment);
    if (tensor.data !== undefined) body.set(tensor.data);
    data.push(body);
    offset += body.length;
  }
  const head = Buffer.concat(header);
  const padding = tensors.length === 0 ? 0 : (alignment - (head.length % alignment)) % alignment;
  return Buffer.concat([head, Buffer.alloc(padding), ...data]);
}

function encode(value: FixtureValue): Buffer {
  if (typeof value === "string") return Buffer.concat([u32(8), text(value)]);
  if (typeof value === "number") return Buffer.concat([u32(4), u32(value)]);
  if (typeof value === "boolean") return Buffer.concat([u32(7), Buffer.from([value ? 1 : 0])]);
  if (!("type" in value)) return Buffer.concat([u32(9), u32(8), u64(value.length), ...value.map(text)]);
  if ("values" in value) {
    const type = value.type.slice(0, -2) as "uint8" | "int32" | "float32" | "bool";
    return Buffer.concat([
      u32(9),
      u32(NUMBERS[type]),
      u64(value.values.length),
      ...value.values.map((item) => scalar(type, item)),
    ]);
  }
  return Buffer.concat([u32(NUMBERS[value.type]), scalar(value.type, value.value)]);
}

function scalar(type: keyof typeof NUMBERS, value: number | bigint): Buffer {
  const buffer = Buffer.alloc(8);
  switch (type) {
    case "uint8":
    case "bool":
      return buffer.subarray(0, buffer.writeUInt8(Number(value)));
    case "int8":
      return buffer.subarray(0, buffer.writeInt8(Number(value)));
    case "uint16":
      return buffer.subarray(0, buffer.writeUInt16LE(Number(value)));
    case "int16":
      return buffer.subarray(0, buffer.writeInt16LE(Number(value)));
    case "uint32":
      return buffer.subarray(0, buffer.writeUInt32LE(Number(value)));
    case "int32":
      return buffer.subarray(0, buffer.writeInt32LE(Number(value)));
    case "float32":
      return buffer.subarray(0, buffer.writeFloatLE(Number(value)));
    case "float64":
      return buffer.subarray(0, buffer.writeDoubleLE(Number(value)));
    case "uint64":
      return buffer.subarray(0, buffer.writeBigUInt64LE(BigInt(value)));
    case "int64":
      return buffer.subarray(0, buffer.writeBigInt64LE(BigInt(value)));
  }
}

function u32(value: number): Buffer {
  return scalar("uint32", value);
}

function u64(value: number): Buffer {
  return scalar("uint64", BigInt(value));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

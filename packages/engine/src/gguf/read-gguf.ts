import { open } from "node:fs/promises";
import { ArrieroError } from "@arriero/spec";
import { type ByteSource, fileSource } from "./byte-source.ts";
import { GgufCursor, ggufInvalid, ggufTruncated } from "./gguf-cursor.ts";
import type { GgufHeader, GgufValue } from "./gguf-header.ts";
import { MAX_ALIGNMENT, MAX_KEY_BYTES, MAX_KEY_VALUES, MAX_TENSORS } from "./gguf-limits.ts";
import { LEAST_TENSOR_ENTRY_BYTES, padded, readTensors } from "./gguf-tensors.ts";
import { KeptBytes, quote, readName, readValue } from "./gguf-values.ts";

const MAGIC = 0x46554747; // "GGUF", little endian
const DEFAULT_ALIGNMENT = 32;
/** Key length, one byte of key, type, one byte of value. */
const LEAST_KEY_VALUE_BYTES = 8 + 1 + 4 + 1;

/**
 * The header of the GGUF file at `path`, with every length, count and offset checked before it is used.
 * Throws `gguf_invalid` (the rule, the value, the byte) or `gguf_truncated` (bytes wanted and there).
 */
export async function readGguf(path: string): Promise<GgufHeader> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new ArrieroError("gguf_invalid", `${path} cannot be opened: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new ArrieroError("gguf_invalid", `${path} is no regular file`);
    return await parseGguf(fileSource(file, stat.size));
  } finally {
    await file.close();
  }
}

/** The same from any source of bytes. Reads forward in chunks, and never the tensor data. */
export async function parseGguf(source: ByteSource): Promise<GgufHeader> {
  const cursor = new GgufCursor(source);
  await cursor.need(4, "the magic");
  const magic = cursor.uint32();
  if (magic !== MAGIC) throw ggufInvalid(`the file does not begin with "GGUF" but with ${hex(magic)}`, 0);
  const version = await readVersion(cursor);

  await cursor.need(16, "the counts");
  const tensorCount = cursor.count("the number of tensors", MAX_TENSORS);
  const keyCount = cursor.count("the number of key/values", MAX_KEY_VALUES);
  const least = cursor.offset + keyCount * LEAST_KEY_VALUE_BYTES + tensorCount * LEAST_TENSOR_ENTRY_BYTES;
  if (least > source.size)
    throw ggufTruncated(`a header of ${keyCount} key/values and ${tensorCount} tensors`, least, source.size);

  const metadata = await readMetadata(cursor, keyCount);
  const alignment = alignmentOf(metadata);
  const tensors = await readTensors(cursor, tensorCount, alignment);
  const dataOffset = tensorCount === 0 ? cursor.offset : padded(cursor.offset, alignment);
  const last = tensors.at(-1);
  const end = last === undefined ? dataOffset : dataOffset + last.offset + last.bytes;
  if (end > source.size) throw ggufTruncated(`the data of ${tensors.length} tensors`, end, source.size);
  return { version, metadata, tensors, alignment, dataOffset, fileBytes: source.size };
}

async function readVersion(cursor: GgufCursor): Promise<2 | 3> {
  await cursor.need(4, "the version");
  const version = cursor.uint32();
  if (version === 2 || version === 3) return version;
  if (version !== 0 && (version & 0xffff) === 0) {
    throw ggufInvalid(`the file is big endian (version field ${hex(version)}); convert it to little endian`, 4);
  }
  throw ggufInvalid(`the file has GGUF version ${version}, 2 and 3 are read`, 4);
}

async function readMetadata(cursor: GgufCursor, count: number): Promise<Map<string, GgufValue>> {
  const metadata = new Map<string, GgufValue>();
  const kept = new KeptBytes();
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const key = await readName(cursor, `key ${i}`, MAX_KEY_BYTES, false);
    kept.add(key.length, at);
    if (metadata.has(key)) throw ggufInvalid(`key ${quote(key)} appears twice`, at);
    metadata.set(key, await readValue(cursor, key, kept));
  }
  return metadata;
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const entry = metadata.get("general.alignment");
  if (entry === undefined) return DEFAULT_ALIGNMENT;
  const value = entry.value;
  if (entry.type !== "uint32" || typeof value !== "number") {
    throw new ArrieroError("gguf_invalid", `general.alignment must be a uint32, it is a ${entry.type}`);
  }
  if (value === 0 || value > MAX_ALIGNMENT || (value & (value - 1)) !== 0) {
    throw new ArrieroError("gguf_invalid", `general.alignment is ${value}, a power of two up to ${MAX_ALIGNMENT} is allowed`);
  }
  return value;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

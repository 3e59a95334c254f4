import { type GgufCursor, ggufInvalid, ggufTruncated } from "./gguf-cursor.ts";
import type { GgufArray, GgufScalar, GgufScalarType, GgufValue } from "./gguf-header.ts";
import { MAX_ARRAY_ELEMENTS, MAX_KEPT_BYTES, MAX_KEPT_ELEMENTS, MAX_TEXT_BYTES } from "./gguf-limits.ts";

const ARRAY = 9;

/** By the format's number: the type, and its bytes (a string has at least its length field). */
const SCALARS: ReadonlyMap<number, { readonly type: GgufScalarType; readonly bytes: number }> = new Map([
  [0, { type: "uint8", bytes: 1 }],
  [1, { type: "int8", bytes: 1 }],
  [2, { type: "uint16", bytes: 2 }],
  [3, { type: "int16", bytes: 2 }],
  [4, { type: "uint32", bytes: 4 }],
  [5, { type: "int32", bytes: 4 }],
  [6, { type: "float32", bytes: 4 }],
  [7, { type: "bool", bytes: 1 }],
  [8, { type: "string", bytes: 8 }],
  [10, { type: "uint64", bytes: 8 }],
  [11, { type: "int64", bytes: 8 }],
  [12, { type: "float64", bytes: 8 }],
]);

/** What is kept in memory so far, so that a header of many large values cannot fill it. */
export class KeptBytes {
  #total = 0;

  add(bytes: number, offset: number): void {
    this.#total += bytes;
    if (this.#total > MAX_KEPT_BYTES) throw ggufInvalid(`the metadata holds more than ${MAX_KEPT_BYTES} bytes of values`, offset);
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** A key or tensor name: UTF-8 without NUL, 1 to `max` bytes (0 where `mayBeEmpty`). */
export async function readName(cursor: GgufCursor, what: string, max: number, mayBeEmpty: boolean): Promise<string> {
  await cursor.need(8, `the length of ${what}`);
  const offset = cursor.offset;
  const length = cursor.count(`the length of ${what}`, max);
  if (length === 0 && !mayBeEmpty) throw ggufInvalid(`${what} is empty`, offset);
  await cursor.need(length, what);
  const bytes = cursor.bytes(length);
  if (bytes.includes(0)) throw ggufInvalid(`${what} contains a NUL byte`, offset);
  try {
    return strict.decode(bytes);
  } catch {
    throw ggufInvalid(`${what} is not UTF-8`, offset);
  }
}

/** One value of the metadata with its type number. */
export async function readValue(cursor: GgufCursor, key: string, kept: KeptBytes): Promise<GgufValue> {
  await cursor.need(4, `the type of key ${quote(key)}`);
  const offset = cursor.offset;
  const number = cursor.uint32();
  if (number === ARRAY) return { type: "array", value: await readArray(cursor, key, kept) };
  const scalar = SCALARS.get(number);
  if (scalar === undefined) throw ggufInvalid(`key ${quote(key)} has value type ${number}, known are 0 to 12`, offset);
  return { type: scalar.type, value: await readScalar(cursor, scalar.type, scalar.bytes, `key ${quote(key)}`, kept) };
}

async function readScalar(
  cursor: GgufCursor,
  type: GgufScalarType,
  bytes: number,
  what: string,
  kept: KeptBytes,
): Promise<GgufScalar> {
  const wait = cursor.need(bytes, what);
  if (wait !== undefined) await wait;
  const offset = cursor.offset;
  switch (type) {
    case "bool": {
      const byte = cursor.uint8();
      if (byte > 1) throw ggufInvalid(`${what} is a bool of value ${byte}, 0 or 1 is allowed`, offset);
      return byte === 1;
    }
    case "string": {
      const length = cursor.count(`the length of ${what}`, MAX_TEXT_BYTES);
      kept.add(length, offset);
      const more = cursor.need(length, what);
      if (more !== undefined) await more;
      // Token texts may hold part of a character, so a value that is not UTF-8 is no fault.
      return lenient.decode(cursor.bytes(length));
    }
    default:
      return cursor[type]();
  }
}

async function readArray(cursor: GgufCursor, key: string, kept: KeptBytes): Promise<GgufArray> {
  const what = `the array of key ${quote(key)}`;
  await cursor.need(12, what);
  const offset = cursor.offset;
  const number = cursor.uint32();
  if (number === ARRAY) throw ggufInvalid(`${what} holds arrays, which llama.cpp does not read`, offset);
  const element = SCALARS.get(number);
  if (element === undefined) throw ggufInvalid(`${what} has element type ${number}, known are 0 to 12`, offset);
  const length = cursor.count(`the length of ${what}`, MAX_ARRAY_ELEMENTS);
  const least = length * element.bytes;
  if (least > cursor.remaining) throw ggufTruncated(what, cursor.offset + least, cursor.offset + cursor.remaining);

  if (length <= MAX_KEPT_ELEMENTS) {
    kept.add(least, offset);
    const values: GgufScalar[] = [];
    for (let i = 0; i < length; i++)
      values.push(await readScalar(cursor, element.type, element.bytes, `element ${i} of ${what}`, kept));
    return { elementType: element.type, length, values };
  }
  if (element.type === "string") await skipStrings(cursor, what, length);
  else cursor.skip(least);
  return { elementType: element.type, length, values: null };
}

async function skipStrings(cursor: GgufCursor, what: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const wait = cursor.need(8, what);
    if (wait !== undefined) await wait;
    const length = cursor.count(`the length of element ${i} of ${what}`, MAX_TEXT_BYTES);
    if (length > cursor.remaining) {
      throw ggufTruncated(`element ${i} of ${what}`, cursor.offset + length, cursor.offset + cursor.remaining);
    }
    cursor.skip(length);
  }
}

/** A name from the file as it may stand in a message: printable and short. */
export function quote(name: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 80)}...` : name;
  return JSON.stringify(shown);
}

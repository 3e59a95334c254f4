import { type GgufCursor, ggufInvalid } from "./gguf-cursor.ts";
import type { GgufTensor } from "./gguf-header.ts";
import { MAX_DIMENSIONS, MAX_TENSOR_NAME_BYTES } from "./gguf-limits.ts";
import { quote, readName } from "./gguf-values.ts";
import { TENSOR_TYPES } from "./tensor-types.ts";

/** Name length, dimension count, type and offset: the least a tensor's entry takes. */
export const LEAST_TENSOR_ENTRY_BYTES = 8 + 4 + 4 + 8;

/**
 * The entries of the tensor table. Offsets must follow one another without gap or overlap in the file's order, each
 * padded to `alignment`: llama.cpp refuses anything else.
 */
export async function readTensors(cursor: GgufCursor, count: number, alignment: number): Promise<GgufTensor[]> {
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  let expectedOffset = 0;
  for (let i = 0; i < count; i++) {
    const at = cursor.offset;
    const tensor = await readTensor(cursor, i);
    if (names.has(tensor.name)) throw ggufInvalid(`tensor ${quote(tensor.name)} appears twice`, at);
    names.add(tensor.name);
    if (tensor.offset % alignment !== 0) {
      throw ggufInvalid(
        `tensor ${quote(tensor.name)} has offset ${tensor.offset}, not a multiple of the alignment ${alignment}`,
        at,
      );
    }
    if (tensor.offset !== expectedOffset) {
      throw ggufInvalid(
        `tensor ${quote(tensor.name)} has offset ${tensor.offset}, ${expectedOffset} must follow the one before`,
        at,
      );
    }
    expectedOffset = padded(expectedOffset + tensor.bytes, alignment);
    if (!Number.isSafeInteger(expectedOffset)) throw ggufInvalid(`tensor ${quote(tensor.name)} ends beyond 2^53 bytes`, at);
    tensors.push(tensor);
  }
  return tensors;
}

async function readTensor(cursor: GgufCursor, index: number): Promise<GgufTensor> {
  const name = await readName(cursor, `the name of tensor ${index}`, MAX_TENSOR_NAME_BYTES, true);
  const what = `tensor ${quote(name)}`;
  await cursor.need(4, what);
  const at = cursor.offset;
  const dimensionCount = cursor.uint32();
  if (dimensionCount > MAX_DIMENSIONS)
    throw ggufInvalid(`${what} has ${dimensionCount} dimensions, at most ${MAX_DIMENSIONS} are allowed`, at);
  await cursor.need(dimensionCount * 8 + 12, what);
  const dimensions: number[] = [];
  let elements = 1;
  for (let i = 0; i < dimensionCount; i++) {
    const size = cursor.count(`dimension ${i} of ${what}`, Number.MAX_SAFE_INTEGER);
    dimensions.push(size);
    elements *= size;
    if (!Number.isSafeInteger(elements)) throw ggufInvalid(`${what} has more than 2^53 elements: ${dimensions.join(" x ")}`, at);
  }
  const typeAt = cursor.offset;
  const number = cursor.uint32();
  const type = TENSOR_TYPES.get(number);
  if (type === undefined) throw ggufInvalid(`${what} has type ${number}, which ggml does not know`, typeAt);
  const row = dimensions[0] ?? 1;
  if (row % type.blockElements !== 0) {
    throw ggufInvalid(
      `${what} has rows of ${row} elements, no multiple of ${type.name}'s block of ${type.blockElements}`,
      typeAt,
    );
  }
  const bytes = (elements / type.blockElements) * type.blockBytes;
  if (!Number.isSafeInteger(bytes)) throw ggufInvalid(`${what} takes more than 2^53 bytes`, typeAt);
  const offset = cursor.count(`the offset of ${what}`, Number.MAX_SAFE_INTEGER);
  return { name, dimensions, type: type.name, elements, bytes, offset };
}

/** The next multiple of `alignment`. */
export function padded(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

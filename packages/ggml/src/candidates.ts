import koffi from "koffi";
import { NativeObject } from "./native-object.ts";
import type { Pointer } from "./pointers.ts";
import { notNull } from "./pointers.ts";

/** llama_token_data: int32 id, float logit, float p. */
const ENTRY_BYTES = 12;
const ENTRY_WORDS = 3;
/** llama_token_data_array: data*, size_t size, int64 selected, bool sorted (padded). */
const HEADER_BYTES = 32;

/**
 * The tokens still in play for one draw: `llama_token_data_array` in native memory, seen through typed arrays.
 * Samplers of a chain shrink, reorder and reweigh it in place.
 */
export class Candidates extends NativeObject {
  readonly pointer: Pointer<"llama_token_data_array">;
  readonly capacity: number;
  readonly #data: bigint;
  readonly #header: DataView;
  readonly #ids: Int32Array;
  readonly #floats: Float32Array;

  constructor(parent: NativeObject | null, vocabularySize: number) {
    super(parent);
    this.capacity = vocabularySize;
    const raw = notNull<Pointer<"llama_token_data_array">>(
      koffi.alloc("uint8_t", HEADER_BYTES + vocabularySize * ENTRY_BYTES) as bigint,
      "alloc",
    );
    this.pointer = raw;
    this.#data = raw + BigInt(HEADER_BYTES);
    const buffer = koffi.view(raw, HEADER_BYTES + vocabularySize * ENTRY_BYTES);
    this.#header = new DataView(buffer, 0, HEADER_BYTES);
    this.#ids = new Int32Array(buffer, HEADER_BYTES, vocabularySize * ENTRY_WORDS);
    this.#floats = new Float32Array(buffer, HEADER_BYTES, vocabularySize * ENTRY_WORDS);
  }

  /** Every token with its logit. */
  fill(logits: Float32Array): void {
    const ids = this.#ids;
    const floats = this.#floats;
    const count = logits.length;
    for (let token = 0, word = 0; token < count; token++, word += ENTRY_WORDS) {
      ids[word] = token;
      floats[word + 1] = logits[token] as number;
    }
    this.#reset(count);
  }

  /** One token alone, to ask a grammar whether it takes it. */
  fillOne(token: number): void {
    this.#ids[0] = token;
    this.#floats[1] = 1;
    this.#reset(1);
  }

  get size(): number {
    return Number(this.#header.getBigUint64(8, true));
  }

  id(index: number): number {
    return this.#ids[index * ENTRY_WORDS] as number;
  }

  /** -Infinity for a token that a sampler ruled out. */
  logit(index: number): number {
    return this.#floats[index * ENTRY_WORDS + 1] as number;
  }

  #reset(count: number): void {
    // Samplers may have pointed `data` elsewhere.
    this.#header.setBigUint64(0, this.#data, true);
    this.#header.setBigUint64(8, BigInt(count), true);
    this.#header.setBigInt64(16, -1n, true);
    this.#header.setUint8(24, 0);
  }

  protected override free(): void {
    koffi.free(this.pointer);
  }
}

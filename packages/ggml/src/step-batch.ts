import { NativeError } from "./native-error.ts";
import { NativeArray } from "./native-memory.ts";
import { NativeObject } from "./native-object.ts";
import type { BatchStruct } from "./structs.ts";

/** The tokens of one decode call: at most `capacity`, each of one sequence. Reused from step to step. */
export class StepBatch extends NativeObject {
  readonly capacity: number;
  readonly #token: NativeArray<Int32Array>;
  readonly #position: NativeArray<Int32Array>;
  readonly #sequenceCount: NativeArray<Int32Array>;
  readonly #sequence: NativeArray<Int32Array>;
  readonly #sequencePointers: NativeArray<BigUint64Array>;
  readonly #wantsLogits: NativeArray<Int8Array>;
  readonly #struct: BatchStruct;

  constructor(parent: NativeObject | null, capacity: number) {
    super(parent);
    this.capacity = capacity;
    this.#token = NativeArray.int32(this, capacity);
    this.#position = NativeArray.int32(this, capacity);
    this.#sequenceCount = NativeArray.int32(this, capacity);
    this.#sequence = NativeArray.int32(this, capacity);
    this.#sequencePointers = NativeArray.pointers(this, capacity + 1);
    this.#wantsLogits = NativeArray.int8(this, capacity);
    this.#sequenceCount.view.fill(1);
    for (let i = 0; i < capacity; i++) this.#sequencePointers.view[i] = this.#sequence.pointer + BigInt(i * 4);
    this.#sequencePointers.view[capacity] = 0n;
    this.#struct = {
      n_tokens: 0,
      token: this.#token.pointer,
      embd: null,
      pos: this.#position.pointer,
      n_seq_id: this.#sequenceCount.pointer,
      seq_id: this.#sequencePointers.pointer,
      logits: this.#wantsLogits.pointer,
    };
  }

  get length(): number {
    return this.#struct.n_tokens;
  }

  /** The struct to pass by value; valid until this batch is disposed. */
  get struct(): BatchStruct {
    return this.#struct;
  }

  clear(): void {
    this.#struct.n_tokens = 0;
  }

  /** Returns the token's index in the batch, by which its logits are asked for. */
  add(token: number, position: number, sequence: number, wantsLogits: boolean): number {
    const index = this.#struct.n_tokens;
    if (index >= this.capacity) throw new NativeError("refused", `the batch holds ${this.capacity} tokens at most`);
    this.#token.view[index] = token;
    this.#position.view[index] = position;
    this.#sequence.view[index] = sequence;
    this.#wantsLogits.view[index] = wantsLogits ? 1 : 0;
    this.#struct.n_tokens = index + 1;
    return index;
  }

  protected override free(): void {
    // The arrays are children and free themselves.
  }
}

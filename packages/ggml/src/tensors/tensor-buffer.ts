import { NativeError } from "../native-error.ts";
import { NativeObject } from "../native-object.ts";
import type { TensorArena } from "./tensor-arena.ts";
import type { BufferPointer, BufferTypePointer } from "./tensor-functions.ts";

/** Memory for every tensor of an arena. */
export class TensorBuffer extends NativeObject {
  readonly #pointer: BufferPointer;
  readonly #arena: TensorArena;

  /** @throws NativeError where there is no memory left */
  constructor(arena: TensorArena, type: BufferTypePointer) {
    super(arena);
    this.#arena = arena;
    const raw = arena.ops.allocateTensors(arena.pointer, type);
    this.#pointer = (raw ?? 0n) as BufferPointer;
    if (!raw) {
      this.dispose();
      throw new NativeError("refused", "there is no memory for the model's tensors or its KV cells");
    }
  }

  protected override free(): void {
    if (this.#pointer !== 0n) this.#arena.ops.bufferFree(this.#pointer);
  }
}

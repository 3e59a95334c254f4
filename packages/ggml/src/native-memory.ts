import koffi from "koffi";
import { NativeObject } from "./native-object.ts";
import type { Pointer } from "./pointers.ts";
import { notNull } from "./pointers.ts";

/** A block of native memory seen from JavaScript without copying. `length` counts elements. */
export class NativeArray<A extends Int32Array | Int8Array | Float32Array | BigUint64Array> extends NativeObject {
  readonly pointer: Pointer<"memory">;
  readonly view: A;

  private constructor(parent: NativeObject | null, pointer: Pointer<"memory">, view: A) {
    super(parent);
    this.pointer = pointer;
    this.view = view;
  }

  static int32(parent: NativeObject | null, length: number): NativeArray<Int32Array> {
    const pointer = allocate(length * 4);
    return new NativeArray(parent, pointer, new Int32Array(koffi.view(pointer, length * 4)));
  }

  static int8(parent: NativeObject | null, length: number): NativeArray<Int8Array> {
    const pointer = allocate(length);
    return new NativeArray(parent, pointer, new Int8Array(koffi.view(pointer, length)));
  }

  static float32(parent: NativeObject | null, length: number): NativeArray<Float32Array> {
    const pointer = allocate(length * 4);
    return new NativeArray(parent, pointer, new Float32Array(koffi.view(pointer, length * 4)));
  }

  static pointers(parent: NativeObject | null, length: number): NativeArray<BigUint64Array> {
    const pointer = allocate(length * 8);
    return new NativeArray(parent, pointer, new BigUint64Array(koffi.view(pointer, length * 8)));
  }

  protected override free(): void {
    koffi.free(this.pointer);
  }
}

function allocate(bytes: number): Pointer<"memory"> {
  // Rounded up to 8 so that every element type is aligned and the size is never zero.
  return notNull(koffi.alloc("uint8_t", Math.max(8, Math.ceil(bytes / 8) * 8)) as bigint, "alloc");
}

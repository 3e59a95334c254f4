import koffi from "koffi";
import { loadLibraries } from "../libraries.ts";
import { NativeObject } from "../native-object.ts";
import { notNull } from "../pointers.ts";
import type { ArenaPointer, GraphPointer, Tensor, TensorFunctions } from "./tensor-functions.ts";
import { TENSOR_TYPES, type TensorType } from "./tensor-type.ts";

/** Leaves and nodes that a graph counts apart: both lists have this size. */
const ARENA_SLACK_BYTES = 1024;

/**
 * Names tensors and the operations between them; holds no element of any. The memory comes from a `TensorBuffer` or, for
 * the graph's results, from a `Compute`. Shapes are given fastest dimension first, as ggml's `ne`; strides in bytes.
 */
export class TensorArena extends NativeObject {
  readonly pointer: ArenaPointer;
  readonly capacity: number;
  /** The operations themselves; their first argument is `pointer`. */
  readonly ops: TensorFunctions;
  #graph: GraphPointer | null = null;

  /** @param capacity tensors at most, views included; they all may be nodes of its graph */
  constructor(parent: NativeObject | null, capacity: number) {
    super(parent);
    const { tensors } = loadLibraries();
    this.ops = tensors;
    this.capacity = capacity;
    const memory =
      capacity * Number(tensors.tensorOverhead()) + Number(tensors.graphOverhead(capacity, false)) + ARENA_SLACK_BYTES;
    this.pointer = notNull<ArenaPointer>(tensors.init({ mem_size: memory, mem_buffer: null, no_alloc: true }), "ggml_init");
  }

  /** Forgets every tensor and the graph. */
  clear(): void {
    this.ops.reset(this.pointer);
    this.#graph = null;
  }

  get graph(): GraphPointer {
    this.#graph ??= notNull<GraphPointer>(this.ops.newGraph(this.pointer, this.capacity, false), "ggml_new_graph");
    return this.#graph;
  }

  /** Has the graph compute a tensor, after everything that was asked for before. */
  expand(tensor: Tensor): void {
    this.ops.expand(this.graph, tensor);
  }

  tensor(type: TensorType, ne0: number, ne1 = 1, ne2 = 1): Tensor {
    return this.ops.newTensor(this.pointer, TENSOR_TYPES[type].id, ne0, ne1, ne2, 1);
  }

  protected override free(): void {
    this.ops.free(this.pointer);
  }
}

/** The bytes of a tensor that lies in host memory. Valid as long as its memory. */
export function tensorBytes(ops: TensorFunctions, tensor: Tensor): ArrayBuffer {
  return koffi.view(notNull(ops.data(tensor), "ggml_get_data"), Number(ops.bytes(tensor)));
}

import koffi from "koffi";
import { loadLibraries } from "../libraries.ts";
import { NativeError } from "../native-error.ts";
import { NativeObject } from "../native-object.ts";
import { notNull } from "../pointers.ts";
import type { Threadpool } from "../threadpool.ts";
import { TensorArena } from "./tensor-arena.ts";
import type { AllocatorPointer, BackendPointer, BufferTypePointer, Tensor, TensorFunctions } from "./tensor-functions.ts";
import type { TensorType } from "./tensor-type.ts";

const CPU_DEVICE = 0;
/** Where `ggml_tensor` keeps its buffer; the binaries' version is pinned. */
const BUFFER_OFFSET = 8;

const SetThreadpool = koffi.proto("void arriero_set_threadpool(void *backend, void *threadpool)");
const SetThreads = koffi.proto("void arriero_set_threads(void *backend, int threads)");
const ExtraBufferTypes = koffi.proto("void *arriero_extra_buffer_types(void *device)");

/** Computes graphs on the CPU, and knows where their tensors may lie. */
export class Compute extends NativeObject {
  /** Plain host memory. */
  readonly plain: BufferTypePointer;
  readonly #ops: TensorFunctions;
  readonly #backend: BackendPointer;
  readonly #allocator: AllocatorPointer;
  readonly #device: bigint;
  readonly #extra: readonly BufferTypePointer[];

  constructor(parent: NativeObject | null, threads: number, threadpool: Threadpool | null) {
    super(parent);
    const { llama, tensors } = loadLibraries();
    this.#ops = tensors;
    this.#device = notNull(tensors.deviceByType(CPU_DEVICE), "ggml_backend_dev_by_type");
    this.#backend = notNull(tensors.deviceInit(this.#device, null), "ggml_backend_dev_init");
    this.plain = tensors.deviceBufferType(this.#device);
    this.#allocator = notNull(tensors.allocatorNew(this.plain), "ggml_gallocr_new");
    const registry = tensors.deviceRegistry(this.#device);
    const address = (name: string) => llama.procAddress(registry, name);
    const setThreads = address("ggml_backend_set_n_threads");
    if (setThreads) koffi.call(setThreads, SetThreads, this.#backend, threads);
    const setThreadpool = address("ggml_backend_cpu_set_threadpool");
    if (setThreadpool && threadpool !== null) koffi.call(setThreadpool, SetThreadpool, this.#backend, threadpool.pointer);
    const extra = address("ggml_backend_dev_get_extra_bufts");
    this.#extra = extra ? pointerList(koffi.call(extra, ExtraBufferTypes, this.#device) as bigint | null) : [];
  }

  /**
   * The memory in which a matrix is multiplied fastest: one that rearranges it for this processor, else plain. Such a
   * matrix can only be multiplied, neither read back nor looked up by row.
   */
  bestFor(type: TensorType, columns: number, rows: number): BufferTypePointer {
    for (const candidate of this.#extra) {
      const buffer = this.#ops.bufferTypeAllocate(candidate, 0);
      if (!buffer) continue;
      using arena = new TensorArena(null, 4);
      const matrix = arena.tensor(type, columns, rows);
      new BigUint64Array(koffi.view(matrix + BigInt(BUFFER_OFFSET), 8))[0] = buffer;
      const product = this.#ops.matmul(arena.pointer, matrix, arena.tensor("F32", columns, 1));
      const supported = this.#ops.deviceSupports(this.#device, product);
      this.#ops.bufferFree(buffer as never);
      if (supported) return candidate;
    }
    return this.plain;
  }

  /** Writes a whole tensor that lies in a buffer; rearranged where that buffer is for matrices. */
  write(tensor: Tensor, bytes: Uint8Array): void {
    this.#ops.tensorSet(tensor, bytes, 0, bytes.length);
  }

  /** Gives the graph's results memory. Inputs may be written after it, until `run`. */
  allocate(arena: TensorArena): void {
    if (!this.#ops.allocateGraph(this.#allocator, arena.graph))
      throw new NativeError("refused", "there is no memory for this step of the model");
  }

  run(arena: TensorArena): void {
    const status = this.#ops.compute(this.#backend, arena.graph);
    if (status !== 0) throw new NativeError("refused", `ggml_backend_graph_compute returned ${status}`);
  }

  protected override free(): void {
    this.#ops.allocatorFree(this.#allocator);
    this.#ops.backendFree(this.#backend);
  }
}

/** A list that ends with a null pointer. */
function pointerList(address: bigint | null): BufferTypePointer[] {
  const list: BufferTypePointer[] = [];
  for (let at = address; at; at += 8n) {
    const pointer = new BigUint64Array(koffi.view(at, 8))[0];
    if (!pointer) break;
    list.push(pointer as BufferTypePointer);
  }
  return list;
}

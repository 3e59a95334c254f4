import type { LibraryHandle } from "koffi";
import koffi from "koffi";
import type { Pointer } from "../pointers.ts";

export type ArenaPointer = Pointer<"ggml_context">;
export type GraphPointer = Pointer<"ggml_cgraph">;
export type BackendPointer = Pointer<"ggml_backend">;
export type BufferPointer = Pointer<"ggml_backend_buffer">;
export type BufferTypePointer = Pointer<"ggml_backend_buffer_type">;
export type AllocatorPointer = Pointer<"ggml_gallocr">;
/** A node or leaf of a graph; it lives as long as its arena. */
export type Tensor = Pointer<"ggml_tensor">;

interface InitParams {
  readonly mem_size: number;
  readonly mem_buffer: null;
  readonly no_alloc: boolean;
}

koffi.struct("ggml_init_params", { mem_size: "size_t", mem_buffer: "void *", no_alloc: "bool" });

/**
 * The functions for graphs of our own, declared once. An arena owns the tensors made in it; a buffer owns the memory of
 * the tensors that were allocated in it; every other pointer is borrowed.
 */
export function declareTensors(base: LibraryHandle, ggml: LibraryHandle) {
  const fn = <F>(declaration: string, library: LibraryHandle = base): F => library.func(declaration) as F;
  type Unary = (arena: ArenaPointer, a: Tensor) => Tensor;
  type Binary = (arena: ArenaPointer, a: Tensor, b: Tensor) => Tensor;
  return {
    init: fn<(params: InitParams) => bigint>("void *ggml_init(ggml_init_params params)"),
    reset: fn<(arena: ArenaPointer) => void>("void ggml_reset(void *arena)"),
    free: fn<(arena: ArenaPointer) => void>("void ggml_free(void *arena)"),
    tensorOverhead: fn<() => number>("size_t ggml_tensor_overhead()"),
    graphOverhead: fn<(size: number, grads: boolean) => number>("size_t ggml_graph_overhead_custom(size_t size, bool grads)"),
    newGraph: fn<(arena: ArenaPointer, size: number, grads: boolean) => bigint>(
      "void *ggml_new_graph_custom(void *arena, size_t size, bool grads)",
    ),
    expand: fn<(graph: GraphPointer, tensor: Tensor) => void>("void ggml_build_forward_expand(void *graph, void *tensor)"),

    newTensor: fn<(arena: ArenaPointer, type: number, ne0: number, ne1: number, ne2: number, ne3: number) => Tensor>(
      "void *ggml_new_tensor_4d(void *arena, int type, int64_t ne0, int64_t ne1, int64_t ne2, int64_t ne3)",
    ),
    setInput: fn<(tensor: Tensor) => void>("void ggml_set_input(void *tensor)"),
    setOutput: fn<(tensor: Tensor) => void>("void ggml_set_output(void *tensor)"),
    data: fn<(tensor: Tensor) => bigint>("void *ggml_get_data(void *tensor)"),
    bytes: fn<(tensor: Tensor) => number>("size_t ggml_nbytes(void *tensor)"),

    view1: fn<(arena: ArenaPointer, a: Tensor, ne0: number, offset: number) => Tensor>(
      "void *ggml_view_1d(void *arena, void *a, int64_t ne0, size_t offset)",
    ),
    view2: fn<(arena: ArenaPointer, a: Tensor, ne0: number, ne1: number, nb1: number, offset: number) => Tensor>(
      "void *ggml_view_2d(void *arena, void *a, int64_t ne0, int64_t ne1, size_t nb1, size_t offset)",
    ),
    view3: fn<
      (arena: ArenaPointer, a: Tensor, ne0: number, ne1: number, ne2: number, nb1: number, nb2: number, offset: number) => Tensor
    >("void *ggml_view_3d(void *arena, void *a, int64_t ne0, int64_t ne1, int64_t ne2, size_t nb1, size_t nb2, size_t offset)"),
    view4: fn<
      (
        arena: ArenaPointer,
        a: Tensor,
        ne0: number,
        ne1: number,
        ne2: number,
        ne3: number,
        nb1: number,
        nb2: number,
        nb3: number,
        offset: number,
      ) => Tensor
    >(
      "void *ggml_view_4d(void *arena, void *a, int64_t ne0, int64_t ne1, int64_t ne2, int64_t ne3, size_t nb1, size_t nb2, size_t nb3, size_t offset)",
    ),
    reshape3: fn<(arena: ArenaPointer, a: Tensor, ne0: number, ne1: number, ne2: number) => Tensor>(
      "void *ggml_reshape_3d(void *arena, void *a, int64_t ne0, int64_t ne1, int64_t ne2)",
    ),
    reshape4: fn<(arena: ArenaPointer, a: Tensor, ne0: number, ne1: number, ne2: number, ne3: number) => Tensor>(
      "void *ggml_reshape_4d(void *arena, void *a, int64_t ne0, int64_t ne1, int64_t ne2, int64_t ne3)",
    ),
    permute: fn<(arena: ArenaPointer, a: Tensor, axis0: number, axis1: number, axis2: number, axis3: number) => Tensor>(
      "void *ggml_permute(void *arena, void *a, int axis0, int axis1, int axis2, int axis3)",
    ),
    transpose: fn<Unary>("void *ggml_transpose(void *arena, void *a)"),
    contiguous: fn<Unary>("void *ggml_cont(void *arena, void *a)"),
    pad: fn<(arena: ArenaPointer, a: Tensor, p0: number, p1: number, p2: number, p3: number) => Tensor>(
      "void *ggml_pad(void *arena, void *a, int p0, int p1, int p2, int p3)",
    ),
    copy: fn<Binary>("void *ggml_cpy(void *arena, void *a, void *b)"),
    concat: fn<(arena: ArenaPointer, a: Tensor, b: Tensor, dimension: number) => Tensor>(
      "void *ggml_concat(void *arena, void *a, void *b, int dimension)",
    ),

    getRows: fn<Binary>("void *ggml_get_rows(void *arena, void *a, void *rows)"),
    setRows: fn<(arena: ArenaPointer, a: Tensor, values: Tensor, rows: Tensor) => Tensor>(
      "void *ggml_set_rows(void *arena, void *a, void *values, void *rows)",
    ),
    add: fn<Binary>("void *ggml_add(void *arena, void *a, void *b)"),
    /** Adds `b` to a part of `a`, in place; strides and offset in bytes. */
    addTo: fn<(arena: ArenaPointer, a: Tensor, b: Tensor, nb1: number, nb2: number, nb3: number, offset: number) => Tensor>(
      "void *ggml_acc_inplace(void *arena, void *a, void *b, size_t nb1, size_t nb2, size_t nb3, size_t offset)",
    ),
    multiply: fn<Binary>("void *ggml_mul(void *arena, void *a, void *b)"),
    scale: fn<(arena: ArenaPointer, a: Tensor, factor: number) => Tensor>("void *ggml_scale(void *arena, void *a, float factor)"),
    matmul: fn<Binary>("void *ggml_mul_mat(void *arena, void *a, void *b)"),
    rmsNorm: fn<(arena: ArenaPointer, a: Tensor, epsilon: number) => Tensor>(
      "void *ggml_rms_norm(void *arena, void *a, float epsilon)",
    ),
    swiglu: fn<Binary>("void *ggml_swiglu_split(void *arena, void *gate, void *up)"),
    softMax: fn<(arena: ArenaPointer, a: Tensor, mask: Tensor, scale: number, maxBias: number) => Tensor>(
      "void *ggml_soft_max_ext(void *arena, void *a, void *mask, float scale, float max_bias)",
    ),
    flashAttention: fn<
      (
        arena: ArenaPointer,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        mask: Tensor,
        scale: number,
        maxBias: number,
        softcap: number,
      ) => Tensor
    >(
      "void *ggml_flash_attn_ext(void *arena, void *q, void *k, void *v, void *mask, float scale, float max_bias, float softcap)",
    ),
    rope: fn<
      (
        arena: ArenaPointer,
        a: Tensor,
        positions: Tensor,
        factors: Tensor | null,
        dimensions: number,
        mode: number,
        contextTrain: number,
        base: number,
        scale: number,
        extFactor: number,
        attentionFactor: number,
        betaFast: number,
        betaSlow: number,
      ) => Tensor
    >(
      "void *ggml_rope_ext(void *arena, void *a, void *positions, void *factors, int dimensions, int mode, int n_ctx_orig, float base, float scale, float ext_factor, float attn_factor, float beta_fast, float beta_slow)",
    ),

    bufferTypeAllocate: fn<(type: BufferTypePointer, size: number) => bigint>(
      "void *ggml_backend_buft_alloc_buffer(void *type, size_t size)",
    ),
    allocateTensors: fn<(arena: ArenaPointer, type: BufferTypePointer) => bigint>(
      "void *ggml_backend_alloc_ctx_tensors_from_buft(void *arena, void *type)",
    ),
    bufferFree: fn<(buffer: BufferPointer) => void>("void ggml_backend_buffer_free(void *buffer)"),
    tensorSet: fn<(tensor: Tensor, bytes: Uint8Array, offset: number, size: number) => void>(
      "void ggml_backend_tensor_set(void *tensor, const void *bytes, size_t offset, size_t size)",
    ),
    allocatorNew: fn<(type: BufferTypePointer) => bigint>("void *ggml_gallocr_new(void *type)"),
    allocatorFree: fn<(allocator: AllocatorPointer) => void>("void ggml_gallocr_free(void *allocator)"),
    allocateGraph: fn<(allocator: AllocatorPointer, graph: GraphPointer) => boolean>(
      "bool ggml_gallocr_alloc_graph(void *allocator, void *graph)",
    ),
    compute: fn<(backend: BackendPointer, graph: GraphPointer) => number>(
      "int ggml_backend_graph_compute(void *backend, void *graph)",
    ),
    backendFree: fn<(backend: BackendPointer) => void>("void ggml_backend_free(void *backend)"),

    deviceByType: fn<(type: number) => bigint>("void *ggml_backend_dev_by_type(int type)", ggml),
    deviceInit: fn<(device: bigint, params: null) => bigint>(
      "void *ggml_backend_dev_init(void *device, const char *params)",
      ggml,
    ),
    deviceBufferType: fn<(device: bigint) => BufferTypePointer>("void *ggml_backend_dev_buffer_type(void *device)", ggml),
    deviceRegistry: fn<(device: bigint) => bigint>("void *ggml_backend_dev_backend_reg(void *device)", ggml),
    deviceSupports: fn<(device: bigint, tensor: Tensor) => boolean>(
      "bool ggml_backend_dev_supports_op(void *device, void *tensor)",
      ggml,
    ),
  };
}

export type TensorFunctions = ReturnType<typeof declareTensors>;

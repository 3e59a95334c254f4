import type { LibraryHandle } from "koffi";
import "./structs.ts";
import type { AdapterPointer, ContextPointer, MemoryPointer, ModelPointer, SamplerPointer, VocabPointer } from "./pointers.ts";
import type { BatchStruct, ContextParams, ModelParams } from "./structs.ts";

/**
 * Every native function we call, declared once. Names follow the header; who frees what:
 * `*Init`/`modelLoad` results are freed by their owner class, a sampler added to a chain belongs to the chain,
 * every other pointer is borrowed from the object it was asked of.
 */
export function declareLlama(llama: LibraryHandle, ggml: LibraryHandle) {
  // koffi's functions are untyped; each is given its type here, next to its C declaration, and nowhere else.
  const fn = <F>(declaration: string, library: LibraryHandle = llama): F => library.func(declaration) as F;
  return {
    logSet: fn<(callback: bigint | null, userData: null) => void>("void llama_log_set(void *callback, void *user_data)"),
    backendInit: fn<() => void>("void llama_backend_init()"),
    systemInfo: fn<() => string>("const char *llama_print_system_info()"),
    supportsGpuOffload: fn<() => boolean>("bool llama_supports_gpu_offload()"),

    modelDefaultParams: fn<() => ModelParams>("llama_model_params llama_model_default_params()"),
    modelLoad: fn<(path: string, params: ModelParams) => bigint>(
      "void *llama_model_load_from_file(const char *path, llama_model_params params)",
    ),
    modelFree: fn<(model: ModelPointer) => void>("void llama_model_free(void *model)"),
    modelVocab: fn<(model: ModelPointer) => bigint>("void *llama_model_get_vocab(void *model)"),
    modelContextTrain: fn<(model: ModelPointer) => number>("int32_t llama_model_n_ctx_train(void *model)"),
    modelEmbedding: fn<(model: ModelPointer) => number>("int32_t llama_model_n_embd(void *model)"),
    modelLayers: fn<(model: ModelPointer) => number>("int32_t llama_model_n_layer(void *model)"),
    modelHeads: fn<(model: ModelPointer) => number>("int32_t llama_model_n_head(void *model)"),
    modelHeadsKv: fn<(model: ModelPointer) => number>("int32_t llama_model_n_head_kv(void *model)"),
    modelParameters: fn<(model: ModelPointer) => number>("uint64_t llama_model_n_params(void *model)"),
    modelSize: fn<(model: ModelPointer) => number>("uint64_t llama_model_size(void *model)"),
    modelHasEncoder: fn<(model: ModelPointer) => boolean>("bool llama_model_has_encoder(void *model)"),
    modelIsRecurrent: fn<(model: ModelPointer) => boolean>("bool llama_model_is_recurrent(void *model)"),
    modelIsHybrid: fn<(model: ModelPointer) => boolean>("bool llama_model_is_hybrid(void *model)"),
    modelChatTemplate: fn<(model: ModelPointer, name: string | null) => string | null>(
      "const char *llama_model_chat_template(void *model, const char *name)",
    ),
    modelMeta: fn<(model: ModelPointer, key: string, buffer: Uint8Array | null, size: number) => number>(
      "int32_t llama_model_meta_val_str(void *model, const char *key, void *buffer, size_t size)",
    ),

    vocabTokens: fn<(vocab: VocabPointer) => number>("int32_t llama_vocab_n_tokens(void *vocab)"),
    vocabIsEog: fn<(vocab: VocabPointer, token: number) => boolean>("bool llama_vocab_is_eog(void *vocab, int32_t token)"),
    vocabIsControl: fn<(vocab: VocabPointer, token: number) => boolean>(
      "bool llama_vocab_is_control(void *vocab, int32_t token)",
    ),
    vocabBos: fn<(vocab: VocabPointer) => number>("int32_t llama_vocab_bos(void *vocab)"),
    vocabEos: fn<(vocab: VocabPointer) => number>("int32_t llama_vocab_eos(void *vocab)"),
    vocabAddBos: fn<(vocab: VocabPointer) => boolean>("bool llama_vocab_get_add_bos(void *vocab)"),
    tokenize: fn<
      (
        vocab: VocabPointer,
        text: Uint8Array,
        length: number,
        out: Int32Array,
        capacity: number,
        addSpecial: boolean,
        parseSpecial: boolean,
      ) => number
    >(
      "int32_t llama_tokenize(void *vocab, const void *text, int32_t length, void *out, int32_t capacity, bool add_special, bool parse_special)",
    ),
    tokenToPiece: fn<
      (vocab: VocabPointer, token: number, out: Uint8Array, capacity: number, lstrip: number, special: boolean) => number
    >("int32_t llama_token_to_piece(void *vocab, int32_t token, void *out, int32_t capacity, int32_t lstrip, bool special)"),

    contextDefaultParams: fn<() => ContextParams>("llama_context_params llama_context_default_params()"),
    contextInit: fn<(model: ModelPointer, params: ContextParams) => bigint>(
      "void *llama_init_from_model(void *model, llama_context_params params)",
    ),
    contextFree: fn<(context: ContextPointer) => void>("void llama_free(void *context)"),
    contextSize: fn<(context: ContextPointer) => number>("uint32_t llama_n_ctx(void *context)"),
    contextPooling: fn<(context: ContextPointer) => number>("int llama_pooling_type(void *context)"),
    contextMemory: fn<(context: ContextPointer) => bigint>("void *llama_get_memory(void *context)"),
    attachThreadpool: fn<(context: ContextPointer, decode: bigint, batch: bigint) => void>(
      "void llama_attach_threadpool(void *context, void *threadpool, void *threadpool_batch)",
    ),
    decode: fn<(context: ContextPointer, batch: BatchStruct) => number>("int32_t llama_decode(void *context, llama_batch batch)"),
    encode: fn<(context: ContextPointer, batch: BatchStruct) => number>("int32_t llama_encode(void *context, llama_batch batch)"),
    logitsAt: fn<(context: ContextPointer, index: number) => bigint>("void *llama_get_logits_ith(void *context, int32_t index)"),
    embeddingsOfSequence: fn<(context: ContextPointer, sequence: number) => bigint>(
      "void *llama_get_embeddings_seq(void *context, int32_t sequence)",
    ),

    memoryClear: fn<(memory: MemoryPointer, data: boolean) => void>("void llama_memory_clear(void *memory, bool data)"),
    memoryRemove: fn<(memory: MemoryPointer, sequence: number, from: number, to: number) => boolean>(
      "bool llama_memory_seq_rm(void *memory, int32_t sequence, int32_t from, int32_t to)",
    ),
    memoryCopy: fn<(memory: MemoryPointer, source: number, target: number, from: number, to: number) => void>(
      "void llama_memory_seq_cp(void *memory, int32_t source, int32_t target, int32_t from, int32_t to)",
    ),
    memoryMax: fn<(memory: MemoryPointer, sequence: number) => number>(
      "int32_t llama_memory_seq_pos_max(void *memory, int32_t sequence)",
    ),
    memoryCanShift: fn<(memory: MemoryPointer) => boolean>("bool llama_memory_can_shift(void *memory)"),
    stateSize: fn<(context: ContextPointer, sequence: number) => number>(
      "size_t llama_state_seq_get_size(void *context, int32_t sequence)",
    ),
    stateRead: fn<(context: ContextPointer, out: Uint8Array, size: number, sequence: number) => number>(
      "size_t llama_state_seq_get_data(void *context, void *out, size_t size, int32_t sequence)",
    ),
    stateWrite: fn<(context: ContextPointer, bytes: Uint8Array, size: number, sequence: number) => number>(
      "size_t llama_state_seq_set_data(void *context, const void *bytes, size_t size, int32_t sequence)",
    ),

    adapterInit: fn<(model: ModelPointer, path: string) => bigint>(
      "void *llama_adapter_lora_init(void *model, const char *path)",
    ),
    adapterFree: fn<(adapter: AdapterPointer) => void>("void llama_adapter_lora_free(void *adapter)"),
    adaptersSet: fn<(context: ContextPointer, adapters: BigUint64Array, count: number, scales: Float32Array) => number>(
      "int32_t llama_set_adapters_lora(void *context, void *adapters, size_t count, void *scales)",
    ),

    chainInit: fn<(params: { no_perf: boolean }) => bigint>("void *llama_sampler_chain_init(llama_sampler_chain_params params)"),
    chainAdd: fn<(chain: SamplerPointer, sampler: bigint) => void>("void llama_sampler_chain_add(void *chain, void *sampler)"),
    samplerFree: fn<(sampler: SamplerPointer) => void>("void llama_sampler_free(void *sampler)"),
    samplerAccept: fn<(sampler: SamplerPointer, token: number) => void>(
      "void llama_sampler_accept(void *sampler, int32_t token)",
    ),
    samplerApply: fn<(sampler: SamplerPointer, candidates: bigint) => void>(
      "void llama_sampler_apply(void *sampler, void *candidates)",
    ),
    topK: fn<(k: number) => bigint>("void *llama_sampler_init_top_k(int32_t k)"),
    topP: fn<(p: number, minKeep: number) => bigint>("void *llama_sampler_init_top_p(float p, size_t min_keep)"),
    minP: fn<(p: number, minKeep: number) => bigint>("void *llama_sampler_init_min_p(float p, size_t min_keep)"),
    typical: fn<(p: number, minKeep: number) => bigint>("void *llama_sampler_init_typical(float p, size_t min_keep)"),
    temperature: fn<(t: number) => bigint>("void *llama_sampler_init_temp(float t)"),
    penalties: fn<(vocabulary: number, lastN: number, repeat: number, frequency: number, presence: number) => bigint>(
      "void *llama_sampler_init_penalties(int32_t n_vocab, int32_t last_n, float repeat, float frequency, float presence)",
    ),
    dry: fn<
      (
        vocab: VocabPointer,
        multiplier: number,
        base: number,
        allowedLength: number,
        lastN: number,
        breakers: (string | null)[],
        count: number,
      ) => bigint
    >(
      "void *llama_sampler_init_dry(void *vocab, float multiplier, float base, int32_t allowed_length, int32_t last_n, const char **breakers, size_t count)",
    ),
    logitBias: fn<(vocabulary: number, count: number, biases: Uint8Array) => bigint>(
      "void *llama_sampler_init_logit_bias(int32_t n_vocab, int32_t count, const void *biases)",
    ),
    grammar: fn<(vocab: VocabPointer, grammar: string, root: string) => bigint>(
      "void *llama_sampler_init_grammar(void *vocab, const char *grammar, const char *root)",
    ),

    registryByName: fn<(name: string) => bigint>("void *ggml_backend_reg_by_name(const char *name)", ggml),
    procAddress: fn<(registry: bigint, name: string) => bigint>(
      "void *ggml_backend_reg_get_proc_address(void *registry, const char *name)",
      ggml,
    ),
    deviceCount: fn<() => number>("size_t ggml_backend_dev_count()", ggml),
    deviceAt: fn<(index: number) => bigint>("void *ggml_backend_dev_get(size_t index)", ggml),
    deviceName: fn<(device: bigint) => string>("const char *ggml_backend_dev_name(void *device)", ggml),
    deviceDescription: fn<(device: bigint) => string>("const char *ggml_backend_dev_description(void *device)", ggml),
    deviceType: fn<(device: bigint) => number>("int ggml_backend_dev_type(void *device)", ggml),
  };
}

export type LlamaFunctions = ReturnType<typeof declareLlama>;

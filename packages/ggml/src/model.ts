import { loadLibraries } from "./libraries.ts";
import type { LlamaFunctions } from "./llama-functions.ts";
import { NativeError } from "./native-error.ts";
import { NativeObject } from "./native-object.ts";
import type { ModelPointer } from "./pointers.ts";
import { notNull } from "./pointers.ts";
import { Vocabulary } from "./vocabulary.ts";

const META_BYTES = 1024;

export interface ModelLoadOptions {
  /** Layers kept on the GPU; -1: all. Without effect on a CPU build. */
  readonly gpuLayers?: number;
  readonly vocabularyOnly?: boolean;
}

/** Weights and tokenizer of one GGUF. Owns the contexts and adapters made from it. */
export class Model extends NativeObject {
  readonly pointer: ModelPointer;
  readonly vocabulary: Vocabulary;
  readonly llama: LlamaFunctions;

  private constructor(llama: LlamaFunctions, pointer: ModelPointer) {
    super(null);
    this.llama = llama;
    this.pointer = pointer;
    this.vocabulary = new Vocabulary(llama, notNull(llama.modelVocab(pointer), "llama_model_get_vocab"));
  }

  /** Loads a GGUF whose header was checked before. Blocks the thread until the weights are mapped. */
  static load(path: string, options: ModelLoadOptions = {}): Model {
    const { llama, setNativeLog } = loadLibraries();
    const params = llama.modelDefaultParams();
    params.n_gpu_layers = options.gpuLayers ?? -1;
    params.vocab_only = options.vocabularyOnly ?? false;
    let raw = llama.modelLoad(path, params);
    if (!raw) {
      // Once more with the log on, so that stderr says why.
      setNativeLog(true);
      raw = llama.modelLoad(path, params);
    }
    if (!raw) throw new NativeError("refused", `libllama cannot load ${path}; the lines above on stderr say why`);
    return new Model(llama, raw as ModelPointer);
  }

  get contextTrain(): number {
    return this.llama.modelContextTrain(this.pointer);
  }
  get embeddingLength(): number {
    return this.llama.modelEmbedding(this.pointer);
  }
  get layers(): number {
    return this.llama.modelLayers(this.pointer);
  }
  get heads(): number {
    return this.llama.modelHeads(this.pointer);
  }
  get headsKv(): number {
    return this.llama.modelHeadsKv(this.pointer);
  }
  get parameters(): number {
    return Number(this.llama.modelParameters(this.pointer));
  }
  get sizeBytes(): number {
    return Number(this.llama.modelSize(this.pointer));
  }
  /** Recurrent and hybrid models keep a state per sequence that cannot be cut in the middle. */
  get keepsRecurrentState(): boolean {
    return this.llama.modelIsRecurrent(this.pointer) || this.llama.modelIsHybrid(this.pointer);
  }
  get hasEncoder(): boolean {
    return this.llama.modelHasEncoder(this.pointer);
  }
  get chatTemplate(): string | null {
    return this.llama.modelChatTemplate(this.pointer, null);
  }

  /** A metadata value as text, or null where the key is absent. */
  meta(key: string): string | null {
    const buffer = Buffer.alloc(META_BYTES);
    const length = this.llama.modelMeta(this.pointer, key, buffer, buffer.length);
    if (length < 0) return null;
    return buffer.toString("utf8", 0, Math.min(length, buffer.length - 1));
  }

  protected override free(): void {
    this.llama.modelFree(this.pointer);
  }
}

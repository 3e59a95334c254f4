import koffi from "koffi";
import type { LlamaFunctions } from "./llama-functions.ts";
import { NativeObject } from "./native-object.ts";
import type { ThreadpoolPointer } from "./pointers.ts";
import { notNull } from "./pointers.ts";

const ThreadpoolNew = koffi.proto("void *arriero_threadpool_new(ggml_threadpool_params *params)");
const ThreadpoolFree = koffi.proto("void arriero_threadpool_free(void *threadpool)");

export interface ThreadpoolOptions {
  readonly threads: number;
  /** 0: idle threads sleep at once; 100: they spin for long. Spinning starves other processes on the same cores. */
  readonly poll: number;
}

/** CPU threads that live as long as their context. Without one, ggml starts threads anew for every graph. */
export class Threadpool extends NativeObject {
  readonly pointer: ThreadpoolPointer;
  readonly #free: (threadpool: bigint) => void;

  private constructor(pointer: ThreadpoolPointer, free: (threadpool: bigint) => void) {
    super(null);
    this.pointer = pointer;
    this.#free = free;
  }

  /** Null where the CPU backend does not export threadpools. */
  static create(llama: LlamaFunctions, options: ThreadpoolOptions): Threadpool | null {
    const registry = llama.registryByName("CPU");
    if (!registry) return null;
    const create = llama.procAddress(registry, "ggml_threadpool_new");
    const free = llama.procAddress(registry, "ggml_threadpool_free");
    if (!create || !free) return null;
    const params = {
      cpumask: new Array<boolean>(512).fill(false),
      n_threads: options.threads,
      prio: 0,
      poll: options.poll,
      strict_cpu: false,
      paused: false,
    };
    const pointer = notNull<ThreadpoolPointer>(koffi.call(create, ThreadpoolNew, params) as bigint, "ggml_threadpool_new");
    return new Threadpool(pointer, koffi.decode(free, ThreadpoolFree) as (threadpool: bigint) => void);
  }

  protected override free(): void {
    this.#free(this.pointer);
  }
}

import { NativeError } from "./native-error.ts";

declare const brand: unique symbol;

/** An address of native memory that holds a `T`. Never null: `notNull` is the only door. */
export type Pointer<T extends string> = bigint & { readonly [brand]: T };

export type ModelPointer = Pointer<"llama_model">;
export type VocabPointer = Pointer<"llama_vocab">;
export type ContextPointer = Pointer<"llama_context">;
export type MemoryPointer = Pointer<"llama_memory">;
export type SamplerPointer = Pointer<"llama_sampler">;
export type AdapterPointer = Pointer<"llama_adapter_lora">;
export type ThreadpoolPointer = Pointer<"ggml_threadpool">;

/** A raw pointer as koffi hands it over, checked. `what` names the call for the message. */
export function notNull<P extends Pointer<string>>(raw: bigint | null | undefined, what: string): P {
  if (raw === null || raw === undefined || raw === 0n) throw new NativeError("refused", `${what} returned null`);
  return raw as P;
}

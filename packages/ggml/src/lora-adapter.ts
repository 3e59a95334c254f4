import type { Model } from "./model.ts";
import { NativeError } from "./native-error.ts";
import { NativeObject } from "./native-object.ts";
import type { AdapterPointer } from "./pointers.ts";

/** A LoRA adapter loaded for one model. */
export class LoraAdapter extends NativeObject {
  readonly pointer: AdapterPointer;
  readonly #model: Model;

  constructor(model: Model, path: string) {
    super(model);
    this.#model = model;
    const raw = model.llama.adapterInit(model.pointer, path);
    if (!raw) {
      this.pointer = 0n as AdapterPointer;
      this.dispose();
      throw new NativeError("refused", `libllama cannot load the adapter ${path} for this model`);
    }
    this.pointer = raw as AdapterPointer;
  }

  protected override free(): void {
    if (this.pointer !== 0n) this.#model.llama.adapterFree(this.pointer);
  }
}

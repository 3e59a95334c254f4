import type { DownloadLimits } from "./download-context.ts";
import type { PullProgress } from "./pull-progress.ts";

export interface ModelStoreOptions {
  /** `ARRIERO_HOME`: models lie in its folder `models`. */
  readonly home: string;
  /** Holds `arriero-demo.gguf` and `adapters/`. */
  readonly bundledDir?: string | undefined;
  /** Base URLs; default HF_ENDPOINT and OLLAMA_REGISTRY, then the public ones. */
  readonly hubs?: { readonly huggingface?: string | undefined; readonly ollama?: string | undefined } | undefined;
  readonly download?: Partial<DownloadLimits> | undefined;
  /** The environment read for HF_ENDPOINT, HF_TOKEN, OLLAMA_REGISTRY and NO_PROXY. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined;
}

export interface PullOptions {
  /** The name to keep it under; default: derived from the reference. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Sent to the publisher's own host alone; default for Hugging Face: HF_TOKEN. */
  readonly token?: string | undefined;
  /** Only hubs and registries: no path of this machine and no address of the asker's choice. */
  readonly publishersOnly?: boolean | undefined;
}

/** How `create` and `compose` are watched and stopped. */
export type ComposeOptions = Pick<PullOptions, "signal" | "onProgress">;

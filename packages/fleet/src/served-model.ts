/** What a replica needs to know of a model; the model store's entries have it, and more. */
export interface ServedModel {
  readonly name: string;
  /** Path of its GGUF. */
  readonly path: string;
  /** Adapter name -> path of its GGUF. */
  readonly adapters: Readonly<Record<string, string>>;
  /** Chat template that replaces the GGUF's own. */
  readonly template: string | null;
}

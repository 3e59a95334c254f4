import type { Manifest } from "./stored-model.ts";

/** Of what a model is made, each file by name or digest: a caller elsewhere can say it without knowing this machine. */
export interface ModelRecipe {
  /** A model here or one to be pulled; or a file uploaded before, by its digest. */
  readonly base: { readonly kind: "model"; readonly name: string } | { readonly kind: "file"; readonly digest: string };
  readonly adapters: readonly { readonly name: string; readonly digest: string }[];
  readonly template: string | null;
  readonly system: string | null;
  readonly license: string | null;
  /** In Ollama's words; what this engine does not have is left out and noted. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly messages: Manifest["messages"];
}

import type { KnownModel, ModelCatalogue } from "../models/known-models.ts";

/** A model of the library with what its file and its publisher tell. */
export interface LibraryModel extends KnownModel {
  readonly sizeBytes: number;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string;
  readonly template: string | null;
  readonly license: string | null;
}

/** Where a pull or a creation stands. */
export interface LibraryProgress {
  readonly phase: "resolving" | "downloading" | "verifying" | "done";
  readonly file: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
  /** `sha256:HEX` where the publisher tells it. */
  readonly digest?: string | null;
}

export interface LibraryWork {
  readonly signal: AbortSignal;
  onProgress(progress: LibraryProgress): void;
}

/** Of what a model is made: a model here or at a publisher, or files sent before, by digest. */
export interface LibraryRecipe {
  readonly base: { readonly kind: "model"; readonly name: string } | { readonly kind: "file"; readonly digest: string };
  readonly adapters: readonly { readonly name: string; readonly digest: string }[];
  readonly template: string | null;
  readonly system: string | null;
  readonly license: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly messages: KnownModel["messages"];
}

/** The models of this machine, as callers may look at and change them. */
export interface ModelLibrary extends ModelCatalogue {
  list(): Promise<readonly LibraryModel[]>;
  /** Throws model_not_found. */
  resolve(name: string): Promise<LibraryModel>;
  /** From a hub or registry alone: a caller may not name files and addresses. */
  pull(reference: string, work: LibraryWork): Promise<LibraryModel>;
  create(name: string, recipe: LibraryRecipe, work: LibraryWork): Promise<LibraryModel>;
  copy(from: string, to: string): Promise<LibraryModel>;
  remove(name: string): Promise<void>;
  hasFile(digest: string): Promise<boolean>;
  /** Throws checksum_mismatch and disk_full. */
  upload(
    digest: string,
    bytes: AsyncIterable<Uint8Array>,
    options: { readonly signal: AbortSignal; readonly sizeBytes: number | null },
  ): Promise<void>;
}

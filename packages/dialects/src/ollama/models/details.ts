import type { ModelDescription } from "@arriero/spec";

/** A model of this machine, as far as Ollama's routes show it. */
export interface ShownModel {
  /** Canonical: without `:latest`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** `sha256:` and 64 hex digits; "" where there is none to tell. */
  readonly digest: string;
  /** ISO 8601. */
  readonly modifiedAt: string;
  /** Names of its adapters. */
  readonly adapters: readonly string[];
  /** What its file says; null where the file cannot be read. */
  readonly description: ModelDescription | null;
}

export interface ModelDetails {
  readonly parent_model: string;
  readonly format: "gguf";
  readonly family: string;
  readonly families: readonly string[];
  readonly parameter_size: string;
  readonly quantization_level: string;
}

export function formatDetails({ description }: ShownModel, parent = ""): ModelDetails {
  const family = description?.architecture ?? "";
  return {
    parent_model: parent,
    format: "gguf",
    family,
    families: family === "" ? [] : [family],
    parameter_size: parameterSize(description?.parameters ?? 0),
    quantization_level: description?.quantization ?? "",
  };
}

/** Ollama always spells the tag out, and its clients compare names as text. */
export function taggedName(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}

export function bareDigest(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

/** `3.6M`, `7.2B`. */
function parameterSize(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)}B`;
  if (parameters >= 1e6) return `${(parameters / 1e6).toFixed(1)}M`;
  return parameters >= 1e3 ? `${(parameters / 1e3).toFixed(1)}K` : String(parameters);
}

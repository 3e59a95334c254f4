/** What a model can be asked for. */
export type ModelAbility = "chat" | "completion" | "embedding" | "rerank" | "tools" | "reasoning" | "images";

/** What a model is, read from its GGUF. */
export interface ModelDescription {
  /** The name it is served under. */
  readonly name: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly quantization: string;
  /** File size in bytes. */
  readonly sizeBytes: number;
  /** Tokens the model was trained to attend over. */
  readonly contextLength: number;
  readonly embeddingLength: number;
  readonly layers: number;
  readonly vocabularySize: number;
  readonly abilities: readonly ModelAbility[];
  readonly adapters: readonly string[];
  readonly license: string | null;
}

/** What the routes without a model serve. */
export interface ServedInfo {
  readonly model: string;
  readonly adapters: readonly string[];
  /** The weights' quantization; null while the model is not loaded, as the next. */
  readonly quantization: string | null;
  /** Tokens that all running sequences share. */
  readonly contextTokens: number | null;
  /** Requests answered at once. */
  readonly requests: number;
  readonly version: string;
}

/** GET /info. */
export function formatInfo({ adapters, contextTokens, model, quantization, requests, version }: ServedInfo) {
  return {
    model_id: model,
    model_sha: null,
    model_dtype: quantization,
    model_device_type: null,
    model_pipeline_tag: "text-generation",
    max_concurrent_requests: requests,
    max_best_of: 1,
    max_stop_sequences: 16,
    // One token at least must be left to generate.
    max_input_length: contextTokens === null ? null : contextTokens - 1,
    max_total_tokens: contextTokens,
    max_batch_total_tokens: contextTokens,
    adapters,
    version,
    sha: null,
    docker_label: null,
  };
}

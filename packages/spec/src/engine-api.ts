/**
 * The routes of one replica. All but the first three want `Authorization: Bearer TOKEN`.
 * Bodies are JSON; `generate` answers newline-delimited JSON, one EventLine a line.
 * An error before the first event is `{ "error": ErrorBody }` with the catalogue's status.
 */
export const ENGINE_ROUTES = {
  /** 200 while the process lives. */
  health: { method: "GET", path: "/health" },
  /** 200 once the model is loaded, else 503. */
  ready: { method: "GET", path: "/ready" },
  /** Prometheus text. */
  metrics: { method: "GET", path: "/metrics" },
  /** -> ReplicaStatus */
  status: { method: "GET", path: "/v1/status" },
  /** -> HeldPrefixes */
  prefixes: { method: "GET", path: "/v1/prefixes" },
  /** GenerationRequest -> GenerationEvent lines */
  generate: { method: "POST", path: "/v1/generate" },
  /** EmbeddingRequest -> EmbeddingResult */
  embed: { method: "POST", path: "/v1/embed" },
  /** RerankRequest -> RerankResult */
  rerank: { method: "POST", path: "/v1/rerank" },
  /** TokenizeRequest -> TokenizeResult */
  tokenize: { method: "POST", path: "/v1/tokenize" },
  /** { tokens } -> { text } */
  detokenize: { method: "POST", path: "/v1/detokenize" },
  /** -> 202; running requests finish, then the process exits. */
  drain: { method: "POST", path: "/v1/drain" },
} as const;

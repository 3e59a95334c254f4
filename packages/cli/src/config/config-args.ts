import type { ArgsDef } from "citty";

/** The flags that override `arriero.yaml`; setting.ts says which key each one is. Checked against it by a test. */
export const CONFIG_ARGS = {
  config: { type: "string", valueHint: "FILE", description: "Configuration file (default: arriero.yaml here, then in HOME)" },
} as const satisfies ArgsDef;

export const ENGINE_ARGS = {
  context: {
    type: "string",
    valueHint: "TOKENS",
    description: "KV cells shared by all sequences (default: from model and memory)",
  },
  "max-running": { type: "string", valueHint: "N", description: "Sequences decoded in one step (default: 32)" },
  "queue-limit": { type: "string", valueHint: "N", description: "Requests that may wait (default: 256)" },
  "step-tokens": { type: "string", valueHint: "N", description: "Tokens of one step at most (default: 256)" },
  threads: { type: "string", valueHint: "N", description: "Compute threads (default: one per physical core)" },
  "gpu-layers": {
    type: "string",
    valueHint: "N",
    description: "Layers on the GPU, where a GPU build is installed (default: all)",
  },
} as const satisfies ArgsDef;

export const SERVER_ARGS = {
  host: { type: "string", valueHint: "ADDRESS", description: "Address to listen on (default: 127.0.0.1)" },
  port: { type: "string", alias: "p", valueHint: "PORT", description: "Port to listen on, 0 for any (default: 8080)" },
  model: { type: "string", alias: "m", valueHint: "MODEL", description: "Model loaded at start (default: arriero-demo)" },
  replicas: { type: "string", valueHint: "N", description: "Engine processes for each model (default: 1)" },
  "max-loaded": { type: "string", valueHint: "N", description: "Models loaded at once (default: 3)" },
  "require-key": { type: "boolean", description: "Ask for a key on loopback too" },
  "log-level": {
    type: "enum",
    options: ["silent", "error", "warn", "info", "debug"],
    description: "Least level written to HOME/logs (default: info)",
  },
} as const satisfies ArgsDef;

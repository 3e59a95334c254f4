export * as anthropic from "./anthropic/index.ts";
export type { FrameWriter } from "./frame-writer.ts";
export { splitModelName } from "./model-name.ts";
export type { ListedModel, ModelEntry, ModelList } from "./models.ts";
export { formatModel, formatModels } from "./models.ts";
export * as openai from "./openai/index.ts";
export * as rerank from "./rerank/index.ts";
export { SSE_HEADERS } from "./sse-headers.ts";
export * as xinference from "./xinference/index.ts";

export type { FrameWriter } from "./frame-writer.ts";
export { splitModelName } from "./model-name.ts";
export * as openai from "./openai/index.ts";
export { SSE_HEADERS } from "./sse-headers.ts";

export type { AnthropicErrorAnswer, AnthropicErrorBody } from "./errors.ts";
export { formatError } from "./errors.ts";
export { collectMessage, formatTokenCount, streamMessage } from "./format.ts";
export type { MessagePresentation, ParseContext, ParsedMessage, ParsedTokenCount } from "./parse.ts";
export { parseMessage, parseTokenCount } from "./parse.ts";
export type { Message } from "./whole.ts";

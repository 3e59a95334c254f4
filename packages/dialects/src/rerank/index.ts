export type { RerankAnswer } from "./format.ts";
export { formatRerank } from "./format.ts";
export type { ParsedRerank, RerankPresentation } from "./parse.ts";
export { parseRerank } from "./parse.ts";

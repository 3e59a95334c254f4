export * as openai from "./openai/index.ts";

import { fileURLToPath } from "node:url";

/** The entry file of a replica's process. */
export const ENGINE_MAIN: string = fileURLToPath(new URL("./engine.main.js", import.meta.url));

export type { EngineOptionsInput } from "./options.ts";
export { EngineOptions } from "./options.ts";

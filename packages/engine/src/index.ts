import { fileURLToPath } from "node:url";

/** The entry file of a replica's process. */
export const ENGINE_MAIN: string = fileURLToPath(new URL("./engine.main.js", import.meta.url));

export { ENGINE_ENVIRONMENT } from "./engine-environment.ts";
export type { ModelRecipe } from "./model-store/model-recipe.ts";
export { ModelStore } from "./model-store/model-store.ts";
export type { PullProgress } from "./model-store/pull-progress.ts";
export type { StoredModel } from "./model-store/stored-model.ts";
export type { EngineOptionsInput } from "./options.ts";
export { EngineOptions } from "./options.ts";

import { createRequire } from "node:module";

/** The version of this build, from the package's own manifest. */
export const ENGINE_VERSION: string = (createRequire(import.meta.url)("../../package.json") as { version: string }).version;

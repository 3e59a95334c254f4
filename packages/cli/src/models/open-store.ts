import { fileURLToPath } from "node:url";
import { ModelStore } from "@arriero/engine";
import type { HomeFolder } from "../home/home-folder.ts";

/** The demo model that comes with Arriero. */
const BUNDLED = fileURLToPath(new URL("../../../../models/demo", import.meta.url));

/** The models of one home, and the bundled one. */
export function openStore(home: HomeFolder): ModelStore {
  return new ModelStore({ home: home.path, bundledDir: BUNDLED });
}

import type { ModelStore } from "@arriero/engine";
import { ArrieroError } from "@arriero/spec";
import { bytes } from "../terminal/units.ts";
import type { Check } from "./check.ts";
import { availableMemory, memoryCheck } from "./machine-checks.ts";

/** Every model's header can be read, and each would fit into memory. */
export async function modelChecks(store: ModelStore): Promise<Check[]> {
  const models = await store.list();
  const checks: Check[] = [];
  if (!models.some(({ bundled }) => bundled)) {
    checks.push({
      name: "arriero-demo",
      status: "failed",
      detail: "the bundled model is missing",
      hint: "Check out models/demo again.",
    });
  }
  for (const { bundled, name, sizeBytes } of models) {
    try {
      const { architecture, quantization } = await store.describe(name);
      if (bundled)
        checks.push({
          name,
          status: "ok",
          detail: `bundled model intact: ${architecture}, ${quantization}, ${bytes(sizeBytes)}`,
        });
    } catch (thrown) {
      const { body } = ArrieroError.wrap(thrown);
      checks.push({ name, status: "failed", detail: body.message, hint: body.hint });
    }
  }
  return [...checks, memoryCheck(await availableMemory(), models)];
}

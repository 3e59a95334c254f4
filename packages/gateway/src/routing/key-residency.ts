import { DataClass, type ResidencyPolicy } from "@arriero/spec";
import type { KeyScope } from "@arriero/store";

/** What a key says about where its requests may go. A data class that nobody knows any more counts as the strictest. */
export function keyResidency({ allowedRegions, dataClass }: Pick<KeyScope, "allowedRegions" | "dataClass">): ResidencyPolicy {
  const known = DataClass.safeParse(dataClass);
  return {
    allowedRegions: allowedRegions === null ? null : [...allowedRegions],
    dataClass: dataClass === null ? null : known.success ? known.data : "confidential",
    allowUndefinedBoundary: null,
  };
}

import { type BackendDescription, DataClass, type ResidencyPolicy } from "@arriero/spec";

/** Says nothing: any region, and no backend without a boundary. */
export const NO_RESIDENCY: ResidencyPolicy = { allowedRegions: null, dataClass: null, allowUndefinedBoundary: null };

/** True where every region that `inner` names is named by `outer` too. */
function covers(outer: string, inner: string): boolean {
  return outer.endsWith("*") ? inner.startsWith(outer.slice(0, -1)) : outer === inner;
}

/** The regions in both lists, null being any. A list may become empty: then no region is left. */
export function intersectRegions(a: readonly string[] | null, b: readonly string[] | null): string[] | null {
  if (a === null) return b === null ? null : [...b];
  if (b === null) return [...a];
  const both = a.flatMap((one) => b.flatMap((other) => (covers(one, other) ? [other] : covers(other, one) ? [one] : [])));
  return [...new Set(both)];
}

const stricter = (a: DataClass | null, b: DataClass | null): DataClass | null => {
  if (a === null || b === null) return a ?? b;
  return DataClass.options.indexOf(a) >= DataClass.options.indexOf(b) ? a : b;
};

/** One word against is enough; null has no say. */
const both = (a: boolean | null, b: boolean | null): boolean | null => (a === null || b === null ? (a ?? b) : a && b);

function intersect(a: ResidencyPolicy, b: ResidencyPolicy): ResidencyPolicy {
  return {
    allowedRegions: intersectRegions(a.allowedRegions, b.allowedRegions),
    dataClass: stricter(a.dataClass, b.dataClass),
    allowUndefinedBoundary: both(a.allowUndefinedBoundary, b.allowUndefinedBoundary),
  };
}

/**
 * The policy that binds a request: `granted` are the layers its operators wrote (the installation's, the organisation's,
 * the key's), `asked` is what the request itself says. Each layer narrows the others. A layer of the operators may allow
 * undefined boundaries where the others are silent; a request may only forbid them.
 */
export function combineResidency(granted: readonly ResidencyPolicy[], asked: ResidencyPolicy | null = null): ResidencyPolicy {
  const combined = granted.reduce(intersect, NO_RESIDENCY);
  if (asked === null) return combined;
  return intersect(combined, { ...asked, allowUndefinedBoundary: asked.allowUndefinedBoundary === false ? false : null });
}

/** Why bytes under `policy` may not reach `place`. */
export interface ResidencyObjection {
  readonly message: string;
  readonly wanted: string;
  readonly value: string;
}

/** A backend, or any other place where bytes may go: a cache, a log. */
export type Place = Pick<BackendDescription, "regions" | "boundary">;

/**
 * null: the place is allowed. A byte may go to any of its regions, so all of them must be; where none is named, only a
 * policy that allows any will do.
 */
export function residencyObjection(policy: ResidencyPolicy, place: Place): ResidencyObjection | null {
  return regionObjection(policy.allowedRegions, place.regions) ?? boundaryObjection(policy, place.boundary);
}

function regionObjection(allowed: readonly string[] | null, regions: readonly string[]): ResidencyObjection | null {
  if (allowed === null || allowed.includes("*")) return null;
  const wanted = allowed.join(", ") || "none";
  if (regions.length === 0) return { message: `names no region; allowed: ${wanted}`, wanted, value: "unknown" };
  const outside = regions.find((region) => !allowed.some((pattern) => covers(pattern, region)));
  return outside === undefined
    ? null
    : { message: `region ${outside} is not allowed; allowed: ${wanted}`, wanted, value: regions.join(", ") };
}

function boundaryObjection(policy: ResidencyPolicy, boundary: Place["boundary"]): ResidencyObjection | null {
  const object = (wanted: string, why: string): ResidencyObjection => ({
    message: `boundary is ${boundary}; ${why}`,
    wanted,
    value: boundary,
  });
  switch (policy.dataClass) {
    case "confidential":
      return boundary === "contractual" ? null : object("contractual", "confidential data wants a contractual one");
    case "internal":
      return boundary === "undefined" ? object("documented", "internal data wants at least a documented one") : null;
    case "public":
    case null:
      return boundary === "undefined" && policy.allowUndefinedBoundary !== true
        ? object("documented", "the policy does not allow undefined ones")
        : null;
    default:
      return policy.dataClass satisfies never;
  }
}

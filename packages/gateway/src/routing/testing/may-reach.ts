import type { ResidencyPolicy } from "@arriero/spec";
import type { Place } from "../residency.ts";

/** The residency rule once more, written from its text and not from the code under test. */
export function mayReach(
  { allowedRegions, allowUndefinedBoundary, dataClass }: ResidencyPolicy,
  { boundary, regions }: Place,
): boolean {
  const named = (region: string) =>
    allowedRegions?.some((each) => (each.endsWith("*") ? region.indexOf(each.slice(0, -1)) === 0 : each === region));
  const inRegion = allowedRegions === null || allowedRegions.includes("*") || (regions.length > 0 && regions.every(named));
  const boundaries = dataClass === "confidential" ? ["contractual"] : ["contractual", "documented"];
  const open = allowUndefinedBoundary === true && (dataClass === null || dataClass === "public");
  return inRegion && (boundaries.includes(boundary) || (open && boundary === "undefined"));
}

import { ArrieroError, DataClass, RegionPattern, type ResidencyPolicy } from "@arriero/spec";
import { combineResidency } from "./residency.ts";

/** Names of what a request says for itself: header fields, and keys of its body's `metadata`. */
export const REGIONS_NAME = "arriero-allowed-regions";
export const DATA_CLASS_NAME = "arriero-data-class";

const MOST_REGIONS = 64;

/** Header fields, each with all its lines. */
export type HeaderLines = Readonly<Record<string, readonly string[] | undefined>>;

/**
 * What a request's header fields say about where its bytes may go; null: nothing. Of several lines each binds, so that a
 * proxy narrows by adding one. Throws invalid_request with the field's name.
 */
export function residencyOfHeaders(headers: HeaderLines): ResidencyPolicy | null {
  const regions = (headers[REGIONS_NAME] ?? []).map((line) => asked(regionsOf(line, REGIONS_NAME), null));
  const classes = (headers[DATA_CLASS_NAME] ?? []).map((line) => asked(null, dataClassOf(line, DATA_CLASS_NAME)));
  return combined([...regions, ...classes]);
}

/** The same of a body's `metadata`: a list of names with commas between, or an array of them. */
export function residencyOfBody(body: unknown): ResidencyPolicy | null {
  const metadata = property(body, "metadata");
  if (metadata === undefined) return null;
  const regions = property(metadata, REGIONS_NAME) ?? null;
  const dataClass = property(metadata, DATA_CLASS_NAME) ?? null;
  return combined([
    ...(regions === null ? [] : [asked(regionsOf(regions, `metadata.${REGIONS_NAME}`), null)]),
    ...(dataClass === null ? [] : [asked(null, dataClassOf(dataClass, `metadata.${DATA_CLASS_NAME}`))]),
  ]);
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

const asked = (allowedRegions: string[] | null, dataClass: DataClass | null): ResidencyPolicy => ({
  allowedRegions,
  dataClass,
  allowUndefinedBoundary: null,
});

const combined = (policies: readonly ResidencyPolicy[]): ResidencyPolicy | null =>
  policies.length === 0 ? null : combineResidency(policies);

function regionsOf(value: unknown, param: string): string[] {
  const names: unknown[] =
    typeof value === "string" ? value.split(",").map((name) => name.trim()) : Array.isArray(value) ? value : [];
  const patterns = names.map((name) => RegionPattern.safeParse(name));
  if (patterns.length === 0 || patterns.length > MOST_REGIONS || !patterns.every(({ success }) => success)) {
    const rule = `1 to ${MOST_REGIONS} regions with commas between, such as \`eu-*,ch\``;
    throw new ArrieroError("invalid_request", `${param} must be ${rule}.`, { param });
  }
  return patterns.flatMap(({ data }) => data ?? []);
}

function dataClassOf(value: unknown, param: string): DataClass {
  const parsed = DataClass.safeParse(typeof value === "string" ? value.trim() : value);
  if (parsed.success) return parsed.data;
  throw new ArrieroError("invalid_request", `${param} must be one of ${DataClass.options.join(", ")}.`, { param });
}

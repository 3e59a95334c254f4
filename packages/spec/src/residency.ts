import { z } from "zod";

/** A place where bytes may come to rest or pass through, in the operator's own words: `eu-central-1`, `on-prem-zurich`. */
export const RegionName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    "a region is 1 to 63 lower-case letters, digits and dashes, and does not begin with a dash",
  );

/** A region, all regions that begin alike (`eu-*`), or any, known or not (`*`). */
export const RegionPattern = z
  .string()
  .regex(/^(?:\*|[a-z0-9][a-z0-9-]{0,62}\*?)$/, "a pattern is a region's name, its beginning followed by `*`, or `*` alone");

/**
 * How much a request's text must be guarded, least first. `internal` wants a boundary that is at least documented,
 * `confidential` one that is contractual, whatever else the policy allows.
 */
export const DataClass = z.enum(["public", "internal", "confidential"]);
export type DataClass = z.infer<typeof DataClass>;

/** The name of an organisation that keys belong to. */
export const OrganisationName = z
  .string()
  .regex(/^[\w.:-]{1,64}$/, "an organisation is 1 to 64 letters, digits, `.`, `_`, `:` and `-`");

/** Where a request's bytes may go. null says nothing about the matter: another layer decides. */
export const ResidencyPolicy = z.strictObject({
  allowedRegions: z
    .array(RegionPattern)
    .max(64)
    .nullable()
    .default(null)
    .describe("Regions that requests may go to, `eu-*` for all that begin so; null: any"),
  dataClass: DataClass.nullable()
    .default(null)
    .describe("`internal` wants a documented boundary, `confidential` a contractual one; null: as `public`"),
  allowUndefinedBoundary: z
    .boolean()
    .nullable()
    .default(null)
    .describe("Whether backends without a stated boundary may be used; null: not, unless an organisation or key says so"),
});
export type ResidencyPolicy = z.infer<typeof ResidencyPolicy>;

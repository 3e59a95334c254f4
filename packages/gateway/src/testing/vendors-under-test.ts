import { systemClock } from "@arriero/fleet";
import type { EnginePools } from "../upstream/engine-pools.ts";
import { loadRecipe } from "../upstream/vendor/recipes.ts";
import type { SdkVendor } from "../upstream/vendor/vendor-recipe.ts";
import { type VendorOptions, VendorUpstream } from "../upstream/vendor/vendor-upstream.ts";
import { limits, PATIENCE_MS } from "./upstreams-under-test.ts";
import { anthropicWire, bedrockWire, groqWire, mistralWire, vertexWire } from "./vendor-wires.ts";
import { openAiWire, type Wire } from "./wires.ts";

/** What the vendors are signed in with. */
export const TEST_SECRETS = { key: "sk-test-0123456789abcdef", id: "AKIDTEST0123456789", secret: "wJalrXUtnFEMI0123456789" };
process.env["ARRIERO_TEST_VENDOR_KEY"] = TEST_SECRETS.key;
process.env["AWS_ACCESS_KEY_ID"] = TEST_SECRETS.id;
process.env["AWS_SECRET_ACCESS_KEY"] = TEST_SECRETS.secret;

export interface VendorUnderTest {
  readonly vendor: SdkVendor;
  readonly wire: Wire;
  /** Behind the origin, as the vendor's own address has it. */
  readonly path: string;
  readonly more?: Partial<VendorOptions>;
}

const place = { model: "m-1", location: null, project: null };

export const VENDORS: readonly VendorUnderTest[] = [
  { vendor: "anthropic", wire: anthropicWire, path: "/v1", more: { prefill: true, honoursSeed: false } },
  {
    vendor: "amazon-bedrock",
    wire: bedrockWire,
    path: "",
    more: { credential: "aws", place: { ...place, location: "eu-central-1" }, prefill: true, honoursSeed: false },
  },
  { vendor: "azure", wire: openAiWire, path: "/openai" },
  {
    vendor: "google-vertex",
    wire: vertexWire,
    path: "/v1beta1/projects/p/locations/europe-west4/publishers/google",
    more: { place: { model: "gemini-2.5-flash", location: "europe-west4", project: "p" } },
  },
  { vendor: "groq", wire: groqWire, path: "/openai/v1" },
  { vendor: "mistral", wire: mistralWire, path: "/v1", more: { prefill: true } },
  { vendor: "openai", wire: openAiWire, path: "/v1" },
];

export function openVendor(
  { more, path, vendor }: VendorUnderTest,
  pools: EnginePools,
  origin: string,
  ms = PATIENCE_MS,
  changes: Partial<VendorOptions> = {},
): VendorUpstream {
  return new VendorUpstream(
    { pools, clock: systemClock },
    {
      id: `${vendor} at ${origin}`,
      vendor,
      url: origin + path,
      place,
      credential: "env:ARRIERO_TEST_VENDOR_KEY",
      prefill: false,
      honoursSeed: true,
      limits: limits(ms),
      ...more,
      ...changes,
    },
  );
}

/** Loading takes long on a busy machine: longer than tests wait for an answer. */
export async function loadVendors(): Promise<void> {
  for (const { vendor } of VENDORS) await loadRecipe(vendor);
}

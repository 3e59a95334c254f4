import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { WANTED_PACKAGE_VERSION } from "./version.ts";

export type BinaryVariant = "cuda" | "vulkan" | "metal" | "cpu";

/** One package that could serve this platform, and what was found of it. */
export interface BinaryCandidate {
  readonly package: string;
  readonly variant: BinaryVariant;
  readonly found: { readonly directory: string; readonly version: string } | null;
  /** Why it is used or not, in words for `arriero doctor`. */
  readonly verdict: string;
}

const VARIANTS: Record<string, readonly (readonly [suffix: string, variant: BinaryVariant])[]> = {
  "linux-x64": [
    ["linux-x64-cuda", "cuda"],
    ["linux-x64-vulkan", "vulkan"],
    ["linux-x64", "cpu"],
  ],
  "linux-arm64": [["linux-arm64", "cpu"]],
  "darwin-arm64": [["mac-arm64-metal", "metal"]],
  "darwin-x64": [["mac-x64", "cpu"]],
  "win32-x64": [
    ["win-x64-cuda", "cuda"],
    ["win-x64-vulkan", "vulkan"],
    ["win-x64", "cpu"],
  ],
};

/** The folder of `package` that holds its libraries, or null where the package is not installed. */
function locate(packageName: string): { directory: string; version: string } | null {
  const require = createRequire(import.meta.url);
  for (const base of require.resolve.paths(packageName) ?? []) {
    const manifest = join(base, packageName, "package.json");
    if (!existsSync(manifest)) continue;
    const bins = join(dirname(manifest), "bins");
    const folder = existsSync(bins) ? readdirSync(bins)[0] : undefined;
    if (folder === undefined) continue;
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
    return { directory: join(bins, folder), version };
  }
  return null;
}

/**
 * The candidates for a platform, best first. The first whose version is the wanted one is used;
 * GPU builds are picked up once installed and are never required.
 */
export function findBinaries(platform: string = process.platform, arch: string = process.arch): BinaryCandidate[] {
  let chosen = false;
  return (VARIANTS[`${platform}-${arch}`] ?? []).map(([suffix, variant]) => {
    const packageName = `@node-llama-cpp/${suffix}`;
    const found = locate(packageName);
    const base = { package: packageName, variant, found };
    if (found === null) {
      const install = `npm install ${packageName}@${WANTED_PACKAGE_VERSION}`;
      return {
        ...base,
        verdict: variant === "cpu" || variant === "metal" ? `not installed: run npm ci` : `not installed: ${install} adds it`,
      };
    }
    if (found.version !== WANTED_PACKAGE_VERSION)
      return { ...base, verdict: `refused: version ${found.version} found, ${WANTED_PACKAGE_VERSION} wanted` };
    if (chosen) return { ...base, verdict: "installed; a better variant is used" };
    chosen = true;
    return { ...base, verdict: "used" };
  });
}

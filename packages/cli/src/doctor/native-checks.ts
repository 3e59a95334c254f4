import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BinaryCandidate, type Device, findBinaries, WANTED_PACKAGE_VERSION } from "@arriero/ggml";
import type { Check } from "./check.ts";

const PROBE_MS = 20_000;
const run = promisify(execFile);

interface ProbeAnswer {
  readonly variant: string;
  readonly llamaVersion: string;
  readonly devices: readonly Device[];
  /** `CPU : AVX2 = 1 | ...` */
  readonly system: string;
}

/** Instruction sets and the like that llama.cpp reports as in use. */
export function featuresOf(system: string): string[] {
  return [...system.matchAll(/([A-Z][A-Z0-9_]+) = 1/g)].map((match) => match[1]!);
}

export function binaryChecks(candidates: readonly BinaryCandidate[], platform: string): Check[] {
  if (candidates.length === 0) {
    const detail = `there are no llama.cpp binaries for ${platform}`;
    return [{ name: "platform", status: "failed", detail, hint: "Linux x64 and arm64, macOS and Windows x64 are served." }];
  }
  const used = candidates.some(({ verdict }) => verdict === "used");
  return candidates.map(({ found, package: packageName, variant, verdict }): Check => {
    const name = `${variant} build`;
    if (found !== null && verdict.startsWith("refused")) {
      const detail = `${packageName} ${verdict}`;
      return { name, status: used ? "warning" : "failed", detail, hint: `npm install ${packageName}@${WANTED_PACKAGE_VERSION}` };
    }
    if (found !== null) return { name, status: "ok", detail: `${packageName} ${found.version}, ${verdict}` };
    // A GPU build that is not installed is a choice, unless nothing else is there either.
    return { name, status: used ? "absent" : "failed", detail: verdict };
  });
}

export function deviceChecks({ devices, llamaVersion, system }: ProbeAnswer): Check[] {
  const features = featuresOf(system);
  const cpu = devices.find(({ kind }) => kind === "cpu");
  const gpus = devices.filter(({ kind }) => kind !== "cpu");
  return [
    { name: "llama.cpp", status: "ok", detail: `${llamaVersion} loads` },
    {
      name: "cpu",
      status: cpu === undefined ? "failed" : "ok",
      detail: `${cpu?.description ?? "no CPU backend"}${features.length > 0 ? ` (${features.join(" ")})` : ""}`,
    },
    {
      name: "gpu",
      status: gpus.length === 0 ? "absent" : "ok",
      detail:
        gpus.length === 0
          ? "none in use; models run on the CPU"
          : gpus.map(({ description, name }) => `${name} ${description}`).join(", "),
    },
  ];
}

/** Loads the libraries in a process of their own: a crash there is a finding, not the end of the report. */
export async function nativeChecks(): Promise<Check[]> {
  const found = binaryChecks(findBinaries(), `${process.platform}-${process.arch}`);
  const built = fileURLToPath(new URL("./native-probe.main.js", import.meta.url));
  if (!existsSync(built))
    return [...found, { name: "llama.cpp", status: "warning", detail: "not tried: Arriero is not built", hint: "npm run build" }];
  try {
    const { stdout } = await run(process.execPath, [built], { timeout: PROBE_MS });
    return [...found, ...deviceChecks(JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as ProbeAnswer)];
  } catch (thrown) {
    const { signal, stderr, message } = thrown as { signal?: string; stderr?: string; message: string };
    const why = signal ? `the process died by ${signal}` : (stderr?.match(/Error: (.*)/)?.[1] ?? message.split("\n")[0] ?? "");
    return [...found, { name: "llama.cpp", status: "failed", detail: `the libraries do not load: ${why}`, hint: "npm ci" }];
  }
}

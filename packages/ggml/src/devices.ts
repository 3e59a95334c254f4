import { loadLibraries } from "./libraries.ts";

/** A compute device that a loaded backend offers. */
export interface Device {
  readonly name: string;
  readonly description: string;
  readonly kind: "cpu" | "gpu" | "integrated-gpu" | "accelerator";
}

const KINDS = ["cpu", "gpu", "integrated-gpu", "accelerator"] as const;

/** The devices of this process, and the instruction sets the chosen CPU backend uses. */
export function listDevices(): { readonly devices: readonly Device[]; readonly system: string } {
  const { llama } = loadLibraries();
  const devices = Array.from({ length: Number(llama.deviceCount()) }, (_, index): Device => {
    const device = llama.deviceAt(index);
    return {
      name: llama.deviceName(device),
      description: llama.deviceDescription(device),
      kind: KINDS[llama.deviceType(device)] ?? "accelerator",
    };
  });
  return { devices, system: llama.systemInfo() };
}

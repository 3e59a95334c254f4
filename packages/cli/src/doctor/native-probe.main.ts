// Loads the native libraries where a crash takes nothing else along, and prints what they find as one JSON line.
import { listDevices, loadLibraries } from "@arriero/ggml";

const { binary, llamaVersion } = loadLibraries();
process.stdout.write(`${JSON.stringify({ variant: binary.variant, llamaVersion, ...listDevices() })}\n`);

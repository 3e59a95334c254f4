import { existsSync } from "node:fs";
import { join } from "node:path";
import koffi from "koffi";
import type { BinaryCandidate } from "./binaries.ts";
import { findBinaries } from "./binaries.ts";
import type { LlamaFunctions } from "./llama-functions.ts";
import { declareLlama } from "./llama-functions.ts";
import { NativeError } from "./native-error.ts";
import { declareTensors, type TensorFunctions } from "./tensors/tensor-functions.ts";
import { WANTED_LLAMA_VERSION, WANTED_RELEASE } from "./version.ts";

/** The libraries as one thread sees them: loaded once, never unloaded. The first thread must be done before a second begins. */
export interface Libraries {
  readonly llama: LlamaFunctions;
  /** For graphs of our own. */
  readonly tensors: TensorFunctions;
  readonly binary: BinaryCandidate;
  readonly llamaVersion: string;
  /** Whether native code writes its log to stderr. Off unless ARRIERO_NATIVE_LOG is set: it is chatty and unstructured. */
  setNativeLog(on: boolean): void;
}

let loaded: Libraries | null = null;

function libraryPath(directory: string, name: string): string {
  const names =
    process.platform === "win32"
      ? [`${name}.${WANTED_RELEASE}.dll`, `${name}.dll`, `lib${name}.${WANTED_RELEASE}.dll`, `lib${name}.dll`]
      : process.platform === "darwin"
        ? [`lib${name}.${WANTED_RELEASE}.dylib`, `lib${name}.dylib`]
        : [`lib${name}.${WANTED_RELEASE}.so`, `lib${name}.so`];
  const found = names.map((file) => join(directory, file)).find(existsSync);
  if (found === undefined) throw new NativeError("missing", `${directory} holds none of ${names.join(", ")}`);
  return found;
}

/**
 * Loads libggml, its backends and libllama into this process.
 *
 * @throws NativeError `missing` where no binary serves the platform, `mismatch` where the version is another one.
 */
export function loadLibraries(): Libraries {
  if (loaded !== null) return loaded;
  const candidates = findBinaries();
  const binary = candidates.find((candidate) => candidate.verdict === "used");
  if (binary?.found == null) {
    const refused = candidates.find((candidate) => candidate.found !== null);
    if (refused !== undefined) throw new NativeError("mismatch", `${refused.package} was ${refused.verdict}`);
    const tried = candidates.map((candidate) => candidate.package).join(", ") || "none exists";
    throw new NativeError("missing", `no llama.cpp binary for ${process.platform} ${process.arch} (${tried})`);
  }
  const { directory } = binary.found;
  // The order matters: the base first, then the registry that finds the backends, then libllama which links to both.
  const base = koffi.load(libraryPath(directory, "ggml-base"), { global: true });
  const ggml = koffi.load(libraryPath(directory, "ggml"), { global: true });
  // The registry is one per process: a second thread finds the backends that the first one loaded.
  if (Number(ggml.func("size_t ggml_backend_dev_count()")()) === 0)
    ggml.func("void ggml_backend_load_all_from_path(const char *path)")(directory);
  const library = koffi.load(libraryPath(directory, "llama"), { global: true });
  const llamaVersion = library.func("const char *llama_version()")() as string;
  if (llamaVersion !== WANTED_LLAMA_VERSION)
    throw new NativeError(
      "mismatch",
      `libllama ${llamaVersion} found in ${directory}, ${WANTED_LLAMA_VERSION} (${WANTED_RELEASE}) wanted`,
    );
  const llama = declareLlama(library, ggml);
  // A log callback must be native: one in JavaScript would be called from threads it cannot run on. This function does
  // nothing after its first call and reads no argument, so it serves as the callback that drops everything.
  const drop = base.symbol("ggml_time_init") as bigint;
  const setNativeLog = (on: boolean) => llama.logSet(on ? null : drop, null);
  setNativeLog(process.env["ARRIERO_NATIVE_LOG"] !== undefined);
  llama.backendInit();
  loaded = { llama, tensors: declareTensors(base, ggml), binary, llamaVersion, setNativeLog };
  return loaded;
}

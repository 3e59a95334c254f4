/**
 * Variables a replica's process may see. Everything else stays with the parent: hub tokens, cloud credentials, database
 * URLs and API keys are none of an engine's business.
 */
const NAMES = new Set([
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "SYSTEMROOT",
  "WINDIR",
  "USERPROFILE",
  "LOCALAPPDATA",
  "APPDATA",
  "XDG_CACHE_HOME",
  "ARRIERO_LOG_LEVEL",
]);

/** Families that steer the compute backends and hold no secrets. */
const PREFIXES = [
  "LC_",
  "CUDA_",
  "NVIDIA_",
  "GGML_",
  "LLAMA_",
  "HIP_",
  "ROCR_",
  "HSA_",
  "VK_",
  "OMP_",
  "KMP_",
  "ARRIERO_NATIVE_",
];

export function childEnvironment(parent: NodeJS.ProcessEnv, own: Readonly<Record<string, string>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value === undefined) continue;
    const upper = name.toUpperCase();
    if (NAMES.has(upper) || PREFIXES.some((prefix) => upper.startsWith(prefix))) environment[name] = value;
  }
  return { ...environment, ...own };
}

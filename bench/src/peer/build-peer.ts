import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../tools/run-tool.ts";

/** The npm package whose source bundle the peer is built from: the same llama.cpp as the libraries our engine loads. */
const PACKAGE = "node-llama-cpp";
const VERSION = "3.22.1";
const FETCH_TIMEOUT_MS = 10 * 60_000;
const BUILD_TIMEOUT_MS = 60 * 60_000;

/** What of the package is unpacked: the rest are binaries that the peer does not use. */
const BUNDLE = "package/llama/gitRelease.bundle";

const CMAKE_OPTIONS = [
  "-DCMAKE_BUILD_TYPE=Release",
  // For this very CPU, which is the best llama-server can have.
  "-DGGML_NATIVE=ON",
  "-DLLAMA_CURL=OFF",
  "-DLLAMA_BUILD_UI=OFF",
  "-DLLAMA_BUILD_TESTS=OFF",
  "-DLLAMA_BUILD_EXAMPLES=OFF",
];

/**
 * llama-server, fetched and built once under `cacheFolder`; later calls find it there. Needs git, cmake and a C++ compiler.
 * About ten minutes on two cores.
 */
export async function buildPeer(cacheFolder: string, jobs: number, note: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder, `llama-server-${VERSION}`);
  const binary = join(folder, "build", "bin", "llama-server");
  // Written last: a binary alone may be one whose linking was cut.
  const stamp = join(folder, "built-from.txt");
  if (await exists(stamp)) return binary;
  await mkdir(folder, { recursive: true });

  const source = join(folder, "source");
  if (!(await exists(source))) await fetchSource(folder, source, note);

  note("configuring llama-server");
  await runTool("cmake", ["-S", source, "-B", "build", ...CMAKE_OPTIONS], { cwd: folder, timeoutMs: BUILD_TIMEOUT_MS });
  note(`building llama-server with ${jobs} jobs; this takes minutes, once`);
  await runTool("cmake", ["--build", "build", "--target", "llama-server", "--parallel", String(jobs)], {
    cwd: folder,
    timeoutMs: BUILD_TIMEOUT_MS,
    onLine: everyTenth(note),
  });
  await writeFile(stamp, `${PACKAGE}@${VERSION}\n${CMAKE_OPTIONS.join(" ")}\n`);
  return binary;
}

/** `source` appears by a rename, so a cut fetch starts over and a cut build goes on. */
async function fetchSource(folder: string, source: string, note: (line: string) => void): Promise<void> {
  note(`fetching ${PACKAGE}@${VERSION} for the source of llama.cpp`);
  const partial = join(folder, "source.part");
  await rm(partial, { recursive: true, force: true });
  const options = { cwd: folder, timeoutMs: FETCH_TIMEOUT_MS };
  await runTool("npm", ["pack", `${PACKAGE}@${VERSION}`, "--silent"], options);
  await runTool("tar", ["-xzf", `${PACKAGE}-${VERSION}.tgz`, BUNDLE], options);
  await runTool("git", ["clone", "--quiet", BUNDLE, partial], options);
  await rename(partial, source);
}

/** cmake prints `[ 42%]` or `[101/218]` on every line: one line for each tenth is enough. */
export function everyTenth(note: (line: string) => void): (line: string) => void {
  let tenth = -1;
  return (line) => {
    const [, percent, done, all] = /^\[\s*(?:(\d+)%|(\d+)\/(\d+))\]/.exec(line) ?? [];
    const share = percent === undefined ? Number(done) / Number(all) : Number(percent) / 100;
    if (Number.isNaN(share) || Math.floor(share * 10) <= tenth) return;
    tenth = Math.floor(share * 10);
    note(`building llama-server: ${tenth * 10} %`);
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

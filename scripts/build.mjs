// Builds the workspace when a source is newer than the last build; a fresh tree starts in a few seconds, a built one at once.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) time = Math.max(time, newest(path));
    else time = Math.max(time, statSync(path).mtimeMs);
  }
  return time;
}

function isStale(folder) {
  const stamp = join(folder, "tsconfig.tsbuildinfo");
  const output = join(folder, "dist", "tsconfig.tsbuildinfo");
  const built = existsSync(output) ? output : stamp;
  return !existsSync(join(folder, "dist")) || !existsSync(built) || statSync(built).mtimeMs < newest(join(folder, "src"));
}

/** Runs `tsc -b` where a package is stale. Returns the exit status. */
export function build() {
  const folders = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
  const stale = [...folders, join(root, "bench")].filter((folder) => existsSync(join(folder, "src")) && isStale(folder));
  if (stale.length === 0) return 0;
  process.stderr.write("Building Arriero (first start only)\n");
  const compiler = fileURLToPath(import.meta.resolve("typescript/package.json")).replace(/package\.json$/, "bin/tsc");
  return spawnSync(process.execPath, [compiler, "-b"], { cwd: root, stdio: ["ignore", 2, 2] }).status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(build());

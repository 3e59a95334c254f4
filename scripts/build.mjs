// Builds the workspace when a source is newer than the last build; a fresh tree starts in a few seconds, a built one at once.
import { spawn, spawnSync } from "node:child_process";
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

const PAGE = join(root, "packages/web");

/** The page is bundled by vite; its types are checked by `npm run check`, which a first start need not wait for. */
function isPageStale() {
  const bundle = join(PAGE, "dist/index.html");
  if (!existsSync(bundle)) return true;
  const sources = ["src", "public"].map((name) => newest(join(PAGE, name)));
  return statSync(bundle).mtimeMs < Math.max(...sources, statSync(join(PAGE, "index.html")).mtimeMs);
}

function run(script, args) {
  return spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: ["ignore", 2, 2] }).status ?? 1;
}

const packageFile = (name, path) => fileURLToPath(import.meta.resolve(`${name}/package.json`)).replace(/package\.json$/, path);

/** Makes the database that each new home gets a copy of, if it is not there. */
export const keepNewDatabase = [join(root, "packages/store/dist/embedded/new-database.main.js")];

/** Runs `tsc -b` and vite where something is stale. Returns the exit status. */
export function build() {
  const folders = readdirSync(join(root, "packages"))
    .map((name) => join(root, "packages", name))
    .filter((folder) => folder !== PAGE);
  const stale = [...folders, join(root, "bench")].filter((folder) => existsSync(join(folder, "src")) && isStale(folder));
  const page = isPageStale();
  if (stale.length === 0 && !page) return 0;
  process.stderr.write("Building Arriero (first start only)\n");
  const compiled = stale.length === 0 ? 0 : run(packageFile("typescript", "bin/tsc"), ["-b", "tsconfig.build.json"]);
  if (compiled !== 0) return compiled;
  // Beside the page's bundle. Nothing waits for it: where it is not there, the first home makes its own.
  spawn(process.execPath, keepNewDatabase, { cwd: root, stdio: "ignore" }).unref();
  if (!page) return 0;
  return run(packageFile("vite", "bin/vite.js"), ["build", "--logLevel", "error", PAGE]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(build());

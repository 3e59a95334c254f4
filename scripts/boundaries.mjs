// Packages import only from those above them in the list, by their public face (`@arriero/name`), never by a path inside.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The house, top to bottom. `spec` and `ggml` import none of ours. */
const ORDER = ["spec", "ggml", "dialects", "engine", "store", "fleet", "gateway", "web", "cli"];
const LEAVES = new Set(["spec", "ggml"]);
const IMPORT =
  /(?:import|export)\s[^"';]*?from\s*["']([^"']+)["']|import\s*\(\s*["']([^"']+)["']\s*\)|import\s+["']([^"']+)["']/g;

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Why `specifier`, imported by `file` of package `name`, is not allowed; null where it is. */
export function objection(name, file, specifier, allowed) {
  if (specifier.startsWith(".")) {
    const target = relative(join(root, "packages", name), resolve(file, "..", specifier));
    return target.startsWith("..") ? `reaches outside its package: ${specifier}` : null;
  }
  const ours = /^@arriero\/([^/]+)(\/.*)?$/.exec(specifier);
  if (!ours) return null;
  if (ours[2]) return `deep import: ${specifier}`;
  if (ours[1] === name) return `imports itself: ${specifier}`;
  return allowed.has(ours[1]) ? null : `${name} may not import ${ours[1]}`;
}

const problems = [];
for (const [index, name] of ORDER.entries()) {
  const folder = join(root, "packages", name, "src");
  if (!existsSync(folder)) continue;
  const allowed = new Set(LEAVES.has(name) ? [] : ORDER.slice(0, index));
  for (const file of sources(folder)) {
    for (const match of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const problem = objection(name, file, match[1] ?? match[2] ?? match[3], allowed);
      if (problem) problems.push(`${relative(root, file)}: ${problem}`);
    }
  }
}
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);

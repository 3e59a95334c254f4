// `npm run bench -- NAME [flags]`: build, then run bench/NAME. With --json stdout carries one object and nothing else.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, root } from "./build.mjs";

if (build() !== 0) process.exit(1);
process.argv[1] = join(root, "bench/dist/main.js");
await import(pathToFileURL(process.argv[1]).href);

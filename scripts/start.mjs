// `npm start [-- flags]`: build what is missing, then `arriero up`.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, root } from "./build.mjs";

const status = build();
if (status !== 0) process.exit(status);
process.argv.splice(1, 1, join(root, "packages/cli/dist/main.js"), "up");
await import(pathToFileURL(process.argv[1]).href);

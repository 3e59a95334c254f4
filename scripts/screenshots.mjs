// `npm run screenshots [-- NAME]`: a picture of every page in light, dark and phone width, into docs/screenshots.
import { join } from "node:path";
import { runnerImport } from "vite";
import { build, root } from "./build.mjs";

if (build() !== 0) process.exit(1);
const only = new RegExp(process.argv[2] ?? ".");
const looks = new RegExp(process.argv[3] ?? ".");
const folder = process.env["SCREENSHOTS"] ?? join(root, "docs/screenshots");
const { module } = await runnerImport(join(root, "packages/web/src/testing/shoot.ts"), {
  configFile: false,
  root,
  resolve: { conditions: ["arriero:source"], external: ["playwright-core"] },
  ssr: { resolve: { conditions: ["arriero:source"] } },
  logLevel: "error",
});
await module.shoot(folder, only, looks);

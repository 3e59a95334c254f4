// System packages that some tests talk to. Installed where that is allowed (root, apt-get); else those tests skip by name.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PACKAGES = [{ name: "docker-registry", binary: "/usr/bin/docker-registry", why: "a real OCI registry for `arriero pull`" }];

export function prepareSystem() {
  const missing = PACKAGES.filter((item) => !existsSync(item.binary));
  if (missing.length === 0 || process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  for (const item of missing) console.log(`installing ${item.name}: ${item.why}`);
  const options = { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: 240_000 };
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...missing.map((item) => item.name)], options);
}

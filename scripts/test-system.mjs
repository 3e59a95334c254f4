// System packages that some tests talk to. Installed where that is allowed (root, apt-get); else those tests skip by name.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** Debian keeps each version of Postgres in a folder of its own. */
const POSTGRES = "/usr/lib/postgresql";

const PACKAGES = [
  {
    name: "docker-registry",
    isPresent: () => existsSync("/usr/bin/docker-registry"),
    why: "a real OCI registry for `arriero pull`",
  },
  {
    name: "postgresql",
    isPresent: () => existsSync(POSTGRES) && readdirSync(POSTGRES).some((v) => existsSync(`${POSTGRES}/${v}/bin/postgres`)),
    why: "a real Postgres for the store",
  },
  {
    name: "curl",
    isPresent: () => existsSync("/usr/bin/curl"),
    why: "the command lines of LoRAX's README",
  },
  {
    name: "redis-server",
    isPresent: () => ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].some((path) => existsSync(path)),
    why: "a real Redis between gateways",
  },
  {
    name: "chromium",
    isPresent: () =>
      ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].some((path) => existsSync(path)),
    why: "a real browser for the page",
  },
];

export function prepareSystem() {
  const missing = PACKAGES.filter((item) => !item.isPresent());
  if (missing.length === 0 || process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  for (const item of missing) console.log(`installing ${item.name}: ${item.why}`);
  const options = { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, timeout: 240_000 };
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...missing.map((item) => item.name)], options);
}

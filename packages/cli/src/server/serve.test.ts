import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findBinaries } from "@arriero/ggml";
import { afterEach, describe, expect, it } from "vitest";
import { arriero, freshHome, run, type SpawnedCommand } from "../testing/spawned-command.ts";

const native = findBinaries().some(({ verdict }) => verdict === "used");
const TIMEOUT_MS = 90_000;

let command: SpawnedCommand | undefined;
afterEach(async () => {
  if (command?.child.exitCode === null) command.child.kill("SIGKILL");
  await command?.done;
  command = undefined;
});

interface ServerFile {
  readonly url: string;
  readonly pid: number;
  readonly key: string | null;
}

async function up(home: string, ...flags: string[]): Promise<{ server: ServerFile; path: string }> {
  command = arriero(["up", "--port", "0", ...flags], { ARRIERO_HOME: home });
  await command.until("ready  arriero-demo at http://127.0.0.1:");
  const path = join(home, "run", "server.json");
  return { path, server: JSON.parse(readFileSync(path, "utf8")) as ServerFile };
}

describe.skipIf(!native)("arriero up (skipped where there are no native binaries)", { timeout: TIMEOUT_MS }, () => {
  it("serves, is found by the other commands, and leaves nothing behind", async () => {
    const home = freshHome();
    const env = { ARRIERO_HOME: home };
    const { path, server } = await up(home);
    expect(server).toMatchObject({ pid: command!.child.pid, key: null });
    if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);

    const answered = await run(["run", "arriero-demo", "What is Arriero?", "--temperature", "0", "--max-tokens", "8"], env);
    expect([answered.code, answered.stderr]).toEqual([0, ""]);
    expect(answered.stdout.trim()).not.toBe("");
    const [replica] = JSON.parse((await run(["ps", "--json"], env)).stdout) as { state: string; modelName: string }[];
    expect(replica).toMatchObject({ state: "ready", modelName: "arriero-demo" });
    expect((await run(["ps"], env)).stdout).toMatch(/^arriero-demo-0 +arriero-demo +ready/m);
    const measured = await run(["bench", "--requests", "3", "--concurrency", "2", "--max-tokens", "4", "--json"], env);
    expect(JSON.parse(measured.stdout)).toMatchObject({ requests: { completed: 3, failed: 0 }, errors: {} });
    expect(await run(["stop", "arriero-demo"], env)).toMatchObject({ code: 0, stdout: "unloaded arriero-demo\n" });
    expect(await run(["stop", "arriero-demo"], env)).toMatchObject({ code: 0, stdout: "arriero-demo was not loaded\n" });

    command!.child.kill("SIGTERM");
    expect((await command!.done).code).toBe(0);
    expect(existsSync(path)).toBe(false);
    const log = readFileSync(join(home, "logs", "arriero.log"), "utf8")
      .trim()
      .split("\n");
    expect(log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain("stopped");
  });

  it("makes a key where one is required, shows it once, and uses it for its own commands", async () => {
    const home = freshHome();
    const { server } = await up(home, "--require-key");
    const key = readFileSync(join(home, "keys", "api-keys"), "utf8").trim();
    await command!.until(key);
    expect(server.key).toBe(key);
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(401);
    expect((await fetch(`${server.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    expect((await run(["ps"], { ARRIERO_HOME: home })).code).toBe(0);
    command!.child.kill("SIGINT");
    expect((await command!.done).code).toBe(0);
  });

  it("stops at a signal while the model still loads", async () => {
    command = arriero(["up", "--port", "0"]);
    await command.until("listening at ");
    command.child.kill("SIGINT");
    expect((await command.done).code).toBe(0);
  });
});

describe.skipIf(!native)("arriero run and engine (skipped where there are no native binaries)", { timeout: TIMEOUT_MS }, () => {
  it("run starts a server of its own where none runs", async () => {
    const home = freshHome();
    const answered = await run(
      ["run", "arriero-demo", "--temperature", "0", "--max-tokens", "8"],
      { ARRIERO_HOME: home },
      "What is Arriero?\n",
    );
    expect([answered.code, answered.stderr]).toEqual([0, ""]);
    expect(answered.stdout.trim()).not.toBe("");
    expect(existsSync(join(home, "keys"))).toBe(false);
  });

  it("engine prints its address and the file of its token", async () => {
    const home = freshHome();
    command = arriero(["engine"], { ARRIERO_HOME: home });
    await command.until("ready\n");
    const [, url, file] = /^arriero-demo at (\S+)\ntoken in (.+)$/m.exec(command.stdout) ?? [];
    const token = readFileSync(file!, "utf8").trim();
    expect((await fetch(`${url}/v1/status`)).status).toBe(401);
    expect((await fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    command.child.kill("SIGTERM");
    expect((await command.done).code).toBe(0);
    expect(existsSync(file!)).toBe(false);
  });
});

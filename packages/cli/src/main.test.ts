import { mkdirSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "./testing/command-here.ts";
import { arriero, freshHome, run } from "./testing/spawned-command.ts";

describe("arriero", () => {
  it("explains itself", async () => {
    const { code, stderr, stdout } = await run([]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("arriero up");
    expect(stdout).not.toContain("\u001b[");
  });

  it("ends with what went wrong", async () => {
    const usage = await run(["lsit"]);
    expect(usage).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error \[usage\] .*\nhint: .*\n$/) });
    const failed = await run(["run", "nothing-here", "hello"]);
    expect(failed).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^error \[model_not_found\] .+\nhint: /) });
  });

  it.each([
    [["lsit"], '"list"'],
    [["list", "--jsno"], "--json"],
    [["config"], "check"],
    [["show"], "MODEL"],
    [["up", "extra"], "extra"],
    [["completion", "powershell"], "bash, zsh, fish"],
    [["bench", "--concurrency", "0"], "--concurrency"],
    [["explain", "m", "--region", "EU"], "--region"],
  ])("%j is a usage error, with a hint and without a stack", async (args, mention) => {
    const { code, stderr, stdout } = await runHere(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error \[usage\] .*\nhint: .*\n$/);
    expect(stderr).toContain(mention);
  });

  it.each([
    [["show", "nothing-here"], "model_not_found"],
    [["rm", "arriero-demo"], "conflict"],
    [["explain", "nothing-here"], "model_not_found"],
    [["ps"], "replica_unavailable"],
    [["stop", "m"], "replica_unavailable"],
    [["create", "m", "-f", "/nowhere/Modelfile"], "not_found"],
    [["up", "--port", "banana"], "config_invalid"],
    [["up", "--model", "nothing-here", "--port", "0"], "model_not_found"],
    [["engine", "--model", "nothing-here"], "model_not_found"],
    [["bench", "http://192.0.2.1:1"], "forbidden"],
  ])("%j fails with %s and code 1", async (args, code) => {
    const finished = await runHere(args);
    expect(finished.stderr).toMatch(new RegExp(`^error \\[${code}\\] .+\\nhint: `));
    expect([finished.code, finished.stdout]).toEqual([1, ""]);
  });

  it("shows the stack where it is asked for", async () => {
    const { stderr } = await runHere(["show", "nothing-here"], { ARRIERO_DEBUG: "1" });
    expect(stderr).toContain("    at ");
  });

  it("says what holds the port", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await run(["up", "--port", String(port)]);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`error [port_in_use] Port ${port}`);
    expect(stderr).toContain("--port");
  });

  it("prints one JSON document and nothing else", async () => {
    for (const args of [
      ["list", "--json"],
      ["version", "--json"],
      ["config", "check", "--json"],
      ["show", "arriero-demo", "--json"],
    ]) {
      const { code, stderr, stdout } = await runHere(args);
      expect([code, stderr]).toEqual([0, ""]);
      expect(() => JSON.parse(stdout)).not.toThrow();
      expect(stdout.endsWith("\n") && !stdout.slice(0, -1).includes("\n")).toBe(true);
    }
  });

  it("ends quietly when its reader goes away", async () => {
    const command = arriero(["completion", "zsh"]);
    command.child.stdout.destroy();
    const { code, stderr } = await command.done;
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("takes the home from the flag, before or after the command", async () => {
    const home = freshHome();
    for (const args of [
      ["--home", home, "config", "check", "--json"],
      ["config", "check", "--json", `--home=${home}`],
    ]) {
      expect(JSON.parse((await run(args)).stdout)).toMatchObject({ ok: true, home });
    }
  });

  it("checks a configuration: every problem with its line", async () => {
    const home = freshHome();
    writeFileSync(join(home, "arriero.yaml"), "port: 1\nreplica: 2\nengine:\n  threads: -1\n");
    const { code, stderr } = await runHere(["config", "check"], { ARRIERO_HOME: home, ARRIERO_MAX_LOADED: "many" });
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(home, "arriero.yaml")}:2:1  replica`);
    expect(stderr).toContain("arriero.yaml:4:3  engine.threads");
    expect(stderr).toContain("ARRIERO_MAX_LOADED  maxLoaded");
    expect(stderr).toContain("3 problems");
  });
});

describe("models on this machine", () => {
  it("are made from a Modelfile, named again, shown and removed", async () => {
    const home = freshHome();
    const env = { ARRIERO_HOME: home };
    const file = join(home, "Modelfile");
    mkdirSync(home, { recursive: true });
    writeFileSync(file, "FROM arriero-demo\nSYSTEM Answer in one word.\nPARAMETER temperature 0.2\n");
    expect(await runHere(["create", "brief", "-f", file], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("arriero run brief"),
    });
    expect(await runHere(["cp", "brief", "short"], env)).toMatchObject({ code: 0 });
    const listed = await runHere(["ls"], env);
    expect(listed.stdout.split("\n")[0]).toMatch(/^NAME +SIZE +QUANT +CONTEXT +MODIFIED +SOURCE$/);
    for (const name of ["arriero-demo", "brief", "short"]) expect(listed.stdout).toMatch(new RegExp(`^${name} `, "m"));
    const shown = await runHere(["show", "short"], env);
    expect(shown.stdout).toContain("Answer in one word.");
    expect(shown.stdout).toMatch(/^settings +temperature 0\.2$/m);
    expect(await runHere(["rm", "brief", "short"], env)).toMatchObject({ code: 0, stdout: "removed brief\nremoved short\n" });
    expect(JSON.parse((await runHere(["list", "--json"], env)).stdout)).toHaveLength(1);
  });

  it("are pulled from a file, with plain lines where output is no terminal", async () => {
    const home = freshHome();
    const [demo] = JSON.parse((await runHere(["list", "--json"])).stdout) as { path: string }[];
    const pulled = await run(["pull", demo!.path, "--name", "mine"], { ARRIERO_HOME: home });
    expect(pulled).toMatchObject({ code: 0, stdout: "pulled mine; `arriero run mine` talks to it\n" });
    expect(pulled.stderr).not.toContain("\u001b");
    expect(statSync(join(home, "models")).isDirectory()).toBe(true);
  });
});

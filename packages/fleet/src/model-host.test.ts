import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ModelHost, ModelHostOptions } from "./model-host.ts";
import { RESTART_RULES } from "./restart-policy.ts";
import { eventually, isAlive } from "./testing/eventually.ts";
import { fakeHost } from "./testing/fake-host.ts";

const QUICK = { ...RESTART_RULES, firstWaitMs: 5, maxWaitMs: 20, maxWaitAfterReadyMs: 20 };
let folder: string;
const hosts: ModelHost[] = [];

function host(fault: Record<string, unknown> = {}, changes: Partial<ModelHostOptions> = {}) {
  const made = fakeHost(fault, changes);
  hosts.push(made.host);
  return made;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arriero-fleet-"));
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((each) => each.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function readyReplica(from: ModelHost, model = "arriero-demo") {
  const [replica] = await from.replicas(model);
  await replica!.whenReady({ timeoutMs: 10_000 });
  return replica!;
}

describe("loading", () => {
  it("starts replicas on the first request and lends the least busy one", async () => {
    const { host: models } = host({}, { replicasPerModel: 2 });
    const first = await models.lease("arriero-demo");
    await eventually("both ready", () => models.list().every((replica) => replica.state === "ready"));
    const second = await models.lease("arriero-demo:latest");
    expect(second.replica.id).not.toBe(first.replica.id);
    expect(models.list().map((replica) => replica.outstanding)).toEqual([1, 1]);
    first.release();
    first.release();
    expect(first.replica.outstanding).toBe(0);
    second.release();
  });

  it("loads a model once for many callers at the same time", async () => {
    const { host: models } = host();
    const leases = await Promise.all(Array.from({ length: 8 }, () => models.lease("arriero-demo")));
    expect(new Set(leases.map((lease) => lease.replica.pid)).size).toBe(1);
    expect(models.list()).toHaveLength(1);
  });

  it("says model_not_found for a name it does not know", async () => {
    await expect(host().host.lease("nobody")).rejects.toMatchObject({ code: "model_not_found" });
  });

  it("evicts the least recently used idle model, and refuses when all are busy", async () => {
    const { host: models } = host({}, { maxLoaded: 2 });
    const first = await readyReplica(models, "arriero-demo");
    const firstPid = first.pid!;
    const held = await models.lease("other");
    const third = await models.lease("third");
    expect(first.state).toBe("stopped");
    expect(isAlive(firstPid)).toBe(false);
    await expect(models.lease("arriero-demo")).rejects.toMatchObject({ code: "replica_unavailable" });
    third.release();
    held.release();
    (await models.lease("arriero-demo")).release();
  });

  it("stops waiting at the deadline and when the caller leaves", async () => {
    const { host: models } = host({ holdReadyFile: join(folder, "never") });
    await expect(models.lease("arriero-demo", { timeoutMs: 300 })).rejects.toMatchObject({ code: "replica_unavailable" });
    const controller = new AbortController();
    const waiting = models.lease("arriero-demo", { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    const [replica] = await models.replicas("arriero-demo");
    await expect(replica!.whenReady({ timeoutMs: 10 })).rejects.toMatchObject({ code: "replica_unavailable" });
  });

  it("waits until an avoided address may be used again", async () => {
    const { host: models } = host();
    const { address } = await models.lease("arriero-demo");
    const until = Date.now() + 60;
    await models.lease("arriero-demo", { avoid: new Map([[address, until]]), timeoutMs: 5_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(until);
  });

  it("ignores what is no announcement on stdout", async () => {
    const { host: models, log } = host({ garbage: true });
    await readyReplica(models);
    expect(log.some((entry) => entry.message.includes("llama_model_loader"))).toBe(true);
    expect(Math.max(...log.map((entry) => entry.message.length))).toBeLessThanOrEqual(64 * 1024);
  });

  it("keeps the parent's secrets from the child", async () => {
    process.env.HF_TOKEN = "a secret";
    const secretFile = join(folder, "names");
    try {
      await readyReplica(host({ secretFile }).host);
    } finally {
      delete process.env.HF_TOKEN;
    }
    const names: string[] = JSON.parse(readFileSync(secretFile, "utf8"));
    expect(names).toContain("ARRIERO_ENGINE_OPTIONS");
    expect(names).not.toContain("HF_TOKEN");
  });
});

describe("supervision", () => {
  it("brings a killed replica back within two seconds, with a new process and a new token", async () => {
    const { host: models } = host();
    const replica = await readyReplica(models);
    const { address, pid } = replica;
    const killedAt = Date.now();
    process.kill(pid!, "SIGKILL");
    await eventually("a new process is ready", () => replica.pid !== pid && replica.state === "ready");
    expect(Date.now() - killedAt).toBeLessThan(2_000);
    expect(replica.restarts).toBe(1);
    expect(replica.address!.token).not.toBe(address!.token);
  });

  it("survives thirty kills in a row and leaves no process behind", async () => {
    const { host: models } = host({}, { limits: { restart: QUICK } });
    const replica = await readyReplica(models);
    const pids: number[] = [];
    for (let kill = 0; kill < 30; kill++) {
      const pid = replica.pid!;
      pids.push(pid);
      process.kill(pid, "SIGKILL");
      await eventually("a new process is ready", () => replica.pid !== pid && replica.state === "ready");
    }
    expect(replica.restarts).toBe(30);
    pids.push(replica.pid!);
    await models.close();
    expect(pids.filter(isAlive)).toEqual([]);
  }, 60_000);

  it("gives up a crash loop with the last lines of stderr, and tries again after the cooldown", async () => {
    const startsFile = join(folder, "starts");
    writeFileSync(startsFile, "");
    const limits = { restart: QUICK, failedCooldownMs: 50 };
    const { host: models } = host({ startsFile, failStarts: 5 }, { limits });
    await expect(models.lease("arriero-demo")).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringContaining("start 5 fails on purpose"),
    });
    const failedAt = Date.now();
    expect(models.list()[0]!.state).toBe("failed");
    await eventually("it is tried again", async () => (await models.replicas("arriero-demo"))[0]!.state === "ready");
    expect(Date.now() - failedAt).toBeGreaterThanOrEqual(50);
    expect(readFileSync(startsFile, "utf8").trim().split("\n")).toHaveLength(6);
  });

  it("gives up at once when the engine says that another start cannot help", async () => {
    const failed = { code: "gguf_invalid", message: "no GGUF magic", hint: "pull again" };
    const { host: models } = host({ failed });
    await expect(models.lease("arriero-demo")).rejects.toMatchObject({ code: "gguf_invalid", message: "no GGUF magic" });
    expect(models.list()[0]!.restarts).toBe(0);
  });

  it("kills and restarts a process that stops answering", async () => {
    const limits = { probeEveryMs: 20, probeTimeoutMs: 100, probeFailures: 2, restart: QUICK };
    const { host: models, log } = host({}, { limits });
    const replica = await readyReplica(models);
    const pid = replica.pid!;
    process.kill(pid, "SIGSTOP");
    await eventually("a new process is ready", () => replica.pid !== pid && replica.state === "ready");
    expect(isAlive(pid)).toBe(false);
    expect(log.some((entry) => entry.message.includes("missed 2 health probes"))).toBe(true);
  });

  it("kills a process that never listens", async () => {
    const limits = { listenMs: 150, restart: { ...QUICK, maxFailedStarts: 2 } };
    const { host: models } = host({ neverListen: true }, { limits });
    await expect(models.lease("arriero-demo")).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringContaining("did not listen within 150 ms"),
    });
  });

  it("says why when the entry cannot be run at all", async () => {
    const limits = { restart: { ...QUICK, maxFailedStarts: 1 } };
    const { host: models } = host({}, { entry: join(folder, "missing.js"), limits });
    await expect(models.lease("arriero-demo")).rejects.toMatchObject({ code: "model_load_failed" });
  });
});

describe("spawning", () => {
  it("survives options that the system refuses to pass", async () => {
    const limits = { restart: { ...QUICK, maxFailedStarts: 2 } };
    const { host: models } = host({ padding: "x".repeat(3_000_000) }, { limits });
    await expect(models.lease("arriero-demo")).rejects.toMatchObject({
      code: "model_load_failed",
      message: expect.stringContaining("spawn"),
    });
  });
});

describe("stopping", () => {
  it("unloads one model and closes the rest, waiting for the processes", async () => {
    const { host: models } = host();
    const one = await readyReplica(models, "arriero-demo");
    const two = await readyReplica(models, "other");
    const pids = [one.pid!, two.pid!];
    expect(await models.unload("arriero-demo")).toBe(true);
    expect(await models.unload("arriero-demo")).toBe(false);
    expect(isAlive(pids[0]!)).toBe(false);
    expect(isAlive(pids[1]!)).toBe(true);
    await models.close();
    expect(isAlive(pids[1]!)).toBe(false);
    await expect(models.lease("other")).rejects.toMatchObject({ code: "draining" });
  });

  it("kills a process that ignores SIGTERM when the grace is over", async () => {
    const { host: models } = host({}, { limits: { stopGraceMs: 50 } });
    const replica = await readyReplica(models);
    const pid = replica.pid!;
    process.kill(pid, "SIGSTOP");
    await models.close();
    expect(isAlive(pid)).toBe(false);
  });

  it("ends whoever waits for a replica", async () => {
    const { host: models } = host({ holdReadyFile: join(folder, "never") });
    const waiting = models.lease("arriero-demo");
    const refused = expect(waiting).rejects.toMatchObject({ code: "draining" });
    await eventually("it is loading", () => models.list()[0]?.state === "loading");
    await models.close();
    await refused;
  });

  it("closes the child's stdin, which ends even one that ignores SIGTERM", async () => {
    const { host: models } = host({ ignoreTerm: true }, { limits: { stopGraceMs: 60_000 } });
    const replica = await readyReplica(models);
    const pid = replica.pid!;
    await models.close();
    expect(isAlive(pid)).toBe(false);
  });
});

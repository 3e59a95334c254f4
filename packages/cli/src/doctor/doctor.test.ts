import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeFolder } from "../home/home-folder.ts";
import { createScreen } from "../terminal/screen.ts";
import { homeChecks, memoryCheck, nodeCheck, portCheck } from "./machine-checks.ts";
import { binaryChecks, deviceChecks, featuresOf } from "./native-checks.ts";
import { doctorReport } from "./report.ts";

describe("machine checks", () => {
  it.each([
    ["20.19.0", "ok"],
    ["20.18.3", "failed"],
    ["22.1.0", "ok"],
    ["18.20.0", "failed"],
  ])("node %s is %s", (version, status) => expect(nodeCheck(version).status).toBe(status));

  it("warns of a model that would not fit", () => {
    const models = [{ name: "large", sizeBytes: 8e9 }];
    expect(memoryCheck(16e9, models).status).toBe("ok");
    expect(memoryCheck(9e9, models)).toMatchObject({
      status: "warning",
      detail: expect.stringContaining("large needs about 10.4 GB"),
    });
  });

  it("finds secrets that others can read", async () => {
    const home = homeFolder(mkdtempSync(join(tmpdir(), "arriero-doctor-")), {});
    expect((await homeChecks(home))[0]?.status).toBe("ok");
    mkdirSync(home.keys);
    writeFileSync(join(home.keys, "api-keys"), "k\n");
    chmodSync(join(home.keys, "api-keys"), 0o644);
    expect((await homeChecks(home))[0]?.status).toBe(process.platform === "win32" ? "ok" : "failed");
  });

  it("tells a free port from one that is taken, and from our own", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect((await portCheck("127.0.0.1", port, null)).status).toBe("failed");
    expect((await portCheck("127.0.0.1", port, `http://127.0.0.1:${port}`)).status).toBe("ok");
    await new Promise((resolve) => server.close(resolve));
    expect((await portCheck("127.0.0.1", port, null)).status).toBe("ok");
  });
});

describe("native checks", () => {
  const found = { directory: "/x", version: "1.0.0" };
  it("take a missing GPU build for a choice, a refused CPU build for a failure", () => {
    const gpu = { package: "gpu", variant: "cuda" as const, found: null, verdict: "not installed: npm install gpu adds it" };
    const cpu = { package: "cpu", variant: "cpu" as const, found, verdict: "used" };
    expect(binaryChecks([gpu, cpu], "linux-x64").map(({ status }) => status)).toEqual(["absent", "ok"]);
    expect(binaryChecks([{ ...cpu, verdict: "refused: version 1 found, 2 wanted" }], "linux-x64")[0]?.status).toBe("failed");
    expect(binaryChecks([], "sunos-sparc")[0]).toMatchObject({
      status: "failed",
      detail: expect.stringContaining("sunos-sparc"),
    });
  });
  it("read the instruction sets that are in use", () => {
    const system = "CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 0 | LLAMAFILE = 1 | ";
    expect(featuresOf(system)).toEqual(["SSE3", "AVX2", "LLAMAFILE"]);
    const checks = deviceChecks({
      variant: "cpu",
      llamaVersion: "1",
      devices: [{ name: "CPU", description: "A CPU", kind: "cpu" }],
      system,
    });
    expect(checks.map(({ status }) => status)).toEqual(["ok", "ok", "absent"]);
  });
});

describe("doctorReport", () => {
  const screen = createScreen({ write: () => undefined }, { LANG: "C.UTF-8" });
  it("aligns findings and counts what is to be repaired", () => {
    const report = doctorReport(
      [
        { name: "node", status: "ok", detail: "20.19.0" },
        { name: "port", status: "failed", detail: "8080 is in use", hint: "Choose another." },
      ],
      screen,
    );
    expect(report).toBe("  ✓ node  20.19.0\n  ✗ port  8080 is in use\n          Choose another.\n\n  1 thing to repair.\n");
  });
  it("is content when all is well", () =>
    expect(doctorReport([{ name: "node", status: "ok", detail: "x" }], screen)).toContain("Everything is in order."));
});

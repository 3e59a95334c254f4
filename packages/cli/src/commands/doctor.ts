import { CONFIG_ARGS, SERVER_ARGS } from "../config/config-args.ts";
import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const doctor = command({
  name: "doctor",
  summary: "Find what is wrong on this machine: binaries, memory, disk, port, models",
  args: { ...CONFIG_ARGS, host: SERVER_ARGS.host, port: SERVER_ARGS.port, ...JSON_ARG },
  async run(args, { env, home, out }) {
    const { loadConfig } = await import("../config/load-config.ts");
    const { ArrieroError } = await import("@arriero/spec");
    const { readServerFile } = await import("../home/server-file.ts");
    const { homeChecks, nodeCheck, portCheck } = await import("../doctor/machine-checks.ts");
    const { modelChecks } = await import("../doctor/model-checks.ts");
    const { nativeChecks } = await import("../doctor/native-checks.ts");
    const { doctorReport } = await import("../doctor/report.ts");
    const { openStore } = await import("../models/open-store.ts");
    const checks = [
      nodeCheck(process.versions.node),
      ...(await nativeChecks()),
      ...(await homeChecks(home)),
      ...(await modelChecks(openStore(home))),
    ];
    try {
      const { host, port } = await loadConfig(args, env, home);
      checks.push({ name: "config", status: "ok", detail: "valid" });
      checks.push(await portCheck(host, port, (await readServerFile(home))?.url ?? null));
    } catch (thrown) {
      checks.push({
        name: "config",
        status: "failed",
        detail: ArrieroError.wrap(thrown).message,
        hint: "`arriero config check` shows where.",
      });
    }
    const good = checks.every(({ status }) => status !== "failed");
    out.write(args.json ? `${JSON.stringify({ ok: good, checks })}\n` : doctorReport(checks, out));
    return good ? EXIT.ok : EXIT.failure;
  },
});

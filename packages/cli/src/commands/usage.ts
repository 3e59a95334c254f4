import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { URL_ARG } from "./url-arg.ts";

export const usage = command({
  name: "usage",
  summary: "Show what was used, by day, key and model",
  args: {
    days: { type: "string", valueHint: "N", description: "UTC days, today included; 30 unless told, 366 at most" },
    ...URL_ARG,
    ...JSON_ARG,
  },
  async run({ days, json, url }, { env, home, out }) {
    const { call } = await import("../client/endpoint.ts");
    const { requireServer } = await import("../client/find-server.ts");
    const { readUsage, usageTable } = await import("../keys/usage-rows.ts");
    const query = days === undefined ? "" : `?days=${encodeURIComponent(days)}`;
    const response = await call(await requireServer({ url, env, home }), `/arriero/v1/usage${query}`);
    const report = readUsage(await response.json());
    if (json) out.write(`${JSON.stringify(report)}\n`);
    else if (report.usage.length === 0) out.write(`Nothing was used from ${report.from} to ${report.to}.\n`);
    else out.write(`${usageTable(report, out)}\n`);
    return EXIT.ok;
  },
});

import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { URL_ARG } from "./url-arg.ts";

export const ps = command({
  name: "ps",
  summary: "Show the replicas of the running server",
  args: { ...URL_ARG, ...JSON_ARG },
  async run({ url, json }, { env, home, out }) {
    const { call } = await import("../client/endpoint.ts");
    const { requireServer } = await import("../client/find-server.ts");
    const { readReplicas, replicaTable } = await import("../models/replica-rows.ts");
    const response = await call(await requireServer({ url, env, home }), "/arriero/v1/replicas");
    const replicas = readReplicas(await response.json());
    if (json) out.write(`${JSON.stringify(replicas)}\n`);
    else if (replicas.length === 0) out.write("No model is loaded. `arriero run arriero-demo` loads one.\n");
    else out.write(`${replicaTable(replicas, out)}\n`);
    return EXIT.ok;
  },
});

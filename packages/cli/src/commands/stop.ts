import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { URL_ARG } from "./url-arg.ts";

export const stop = command({
  name: "stop",
  summary: "Unload a model from the running server",
  args: { model: { type: "positional", required: true, description: "Name of the model" }, ...URL_ARG, ...JSON_ARG },
  async run({ model, url, json }, { env, home, out }) {
    const { call } = await import("../client/endpoint.ts");
    const { requireServer } = await import("../client/find-server.ts");
    const endpoint = await requireServer({ url, env, home });
    const response = await call(endpoint, "/arriero/v1/models/unload", { method: "POST", body: { model } });
    const { unloaded } = (await response.json()) as { unloaded: boolean };
    if (json) out.write(`${JSON.stringify({ model, unloaded })}\n`);
    else out.write(unloaded ? `unloaded ${model}\n` : `${model} was not loaded\n`);
    return EXIT.ok;
  },
});

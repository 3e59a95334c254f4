import { CONFIG_ARGS, ENGINE_ARGS } from "../config/config-args.ts";
import { command } from "../invocation/command.ts";

export const engine = command({
  name: "engine",
  summary: "Run one replica alone in the foreground, for clusters and for looking at it",
  args: {
    model: { type: "string", alias: "m", valueHint: "MODEL", description: "Model to serve (default: arriero-demo)" },
    host: { type: "string", valueHint: "ADDRESS", description: "Address to listen on (default: 127.0.0.1)" },
    port: { type: "string", alias: "p", valueHint: "PORT", description: "Port to listen on, 0 for any (default: 0)" },
    "token-file": {
      type: "string",
      valueHint: "FILE",
      description: "File with the token it wants (default: one is made in HOME/run)",
    },
    ...CONFIG_ARGS,
    ...ENGINE_ARGS,
  },
  examples: [{ line: "arriero engine --model arriero-demo --port 9100", why: "prints its address and the file of its token" }],
  async run(args, session) {
    const { runEngine } = await import("../server/run-engine.ts");
    return runEngine(args, session);
  },
});

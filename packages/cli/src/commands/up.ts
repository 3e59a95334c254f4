import { CONFIG_ARGS, ENGINE_ARGS, SERVER_ARGS } from "../config/config-args.ts";
import { command } from "../invocation/command.ts";

export const up = command({
  name: "up",
  summary: "Serve models on this machine over the OpenAI API",
  args: {
    ...SERVER_ARGS,
    ...CONFIG_ARGS,
    ...ENGINE_ARGS,
    open: { type: "boolean", description: "Open the address in the browser once the model is ready" },
  },
  examples: [
    { line: "arriero up", why: "the bundled model on http://127.0.0.1:8080" },
    { line: "arriero up --model tinyllama --replicas 2 --port 9000", why: "another model, twice" },
    { line: "arriero up --host 0.0.0.0", why: "for other machines too; a key is made and shown once" },
  ],
  async run(args, session) {
    const { serve } = await import("../server/serve.ts");
    return serve(args, session);
  },
});

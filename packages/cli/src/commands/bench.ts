import { ENGINE_ARGS } from "../config/config-args.ts";
import { command, JSON_ARG } from "../invocation/command.ts";

export const bench = command({
  name: "bench",
  summary: "Put load on a server and measure it",
  args: {
    url: {
      type: "positional",
      required: false,
      description: "The server (default: the one running here, else one started for the test)",
    },
    model: { type: "string", alias: "m", valueHint: "MODEL", description: "Model to ask (default: arriero-demo)" },
    concurrency: { type: "string", alias: "c", valueHint: "N", description: "Requests in flight at once (default: 8)" },
    requests: { type: "string", alias: "n", valueHint: "N", description: "End after so many requests (default: 64)" },
    duration: { type: "string", alias: "d", valueHint: "TIME", description: "Begin no request after this time: 30s, 2m" },
    "max-tokens": { type: "string", valueHint: "N", description: "Tokens of each answer at most (default: 64)" },
    "prompt-tokens": { type: "string", valueHint: "N", description: "Words of each prompt, about as many tokens (default: 32)" },
    seed: { type: "string", valueHint: "N", description: "Draws the prompts (default: 1)" },
    "allow-remote": { type: "boolean", description: "Put load on a server that is not on this machine" },
    ...ENGINE_ARGS,
    ...JSON_ARG,
  },
  examples: [
    { line: "arriero bench --concurrency 32 --requests 200", why: "the running server" },
    { line: "arriero bench http://127.0.0.1:8000 -m llama -d 30s --json", why: "another server on this machine, for a script" },
  ],
  async run(args, session) {
    const { benchmark } = await import("../load/benchmark.ts");
    return benchmark(args, session);
  },
});

import { ArrieroError } from "@arriero/spec";
import type { BenchOutput } from "./bench-output.ts";
import { chatBench } from "./chat/chat-bench.ts";
import { CHAT_USAGE } from "./chat/options.ts";
import { engineBench } from "./engine/engine-bench.ts";
import { ENGINE_USAGE } from "./engine/options.ts";
import { gatewayBench } from "./gateway/gateway-bench.ts";
import { GATEWAY_USAGE } from "./gateway/options.ts";
import { killSpawned } from "./gateway/spawned.ts";
import { killServers } from "./servers/server.ts";

interface Bench {
  readonly usage: string;
  run(parameters: readonly string[], output: BenchOutput): Promise<void>;
}

/** Each bench prints its result on stdout and everything else on stderr. */
const BENCHES: Readonly<Record<string, Bench>> = {
  engine: { usage: ENGINE_USAGE, run: engineBench },
  gateway: { usage: GATEWAY_USAGE, run: gatewayBench },
  chat: { usage: CHAT_USAGE, run: chatBench },
};

const [name = "", ...parameters] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;

// Whatever ends this process ends its servers too.
process.on("exit", () => {
  killServers();
  killSpawned();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

if (bench === undefined || parameters.includes("--help")) {
  const usages = bench === undefined ? Object.values(BENCHES).map(({ usage }) => usage) : [bench.usage];
  process.stderr.write(`${name === "" || bench ? "" : `There is no bench named ${name}.\n\n`}${usages.join("\n")}`);
  process.exitCode = bench === undefined ? 2 : 0;
} else {
  try {
    await bench.run(parameters, {
      print: (text) => process.stdout.write(`${text}\n`),
      note: (line) => process.stderr.write(`${line}\n`),
    });
  } catch (thrown) {
    const error = ArrieroError.wrap(thrown);
    const hint = error.code === "config_invalid" ? `\nSee \`npm run bench -- ${name} --help\`.` : "";
    process.stderr.write(`${error.message}${hint}\n`);
    process.exit(error.code === "config_invalid" ? 2 : 1);
  }
}

import { ArrieroError } from "@arriero/spec";
import { engineBench } from "./engine/engine-bench.ts";
import { ENGINE_USAGE } from "./engine/options.ts";
import { killServers } from "./servers/server.ts";

/** Each bench prints its result on stdout and everything else on stderr. */
const BENCHES: Readonly<Record<string, typeof engineBench>> = { engine: engineBench };

const [name = "", ...parameters] = process.argv.slice(2);
const bench = BENCHES[name];

// Whatever ends this process ends its servers too.
process.on("exit", killServers);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

if (bench === undefined || parameters.includes("--help")) {
  process.stderr.write(`${name === "" || bench ? "" : `There is no bench named ${name}.\n\n`}${ENGINE_USAGE}`);
  process.exitCode = bench === undefined ? 2 : 0;
} else {
  try {
    await bench(parameters, {
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

import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArrieroError } from "@arriero/spec";
import { QUANTS, type Quant } from "../model/quant-mix.ts";
import type { Size } from "../scenarios/scenario.ts";
import type { Side } from "../servers/pair.ts";

export interface EngineBenchOptions {
  readonly json: boolean;
  readonly size: Size;
  readonly rounds: number;
  readonly quants: readonly Quant[];
  /** Metric names; null is all. */
  readonly only: ReadonlySet<string> | null;
  readonly sides: ReadonlySet<Side>;
  /** A llama-server that is already there; null builds one. */
  readonly peer: string | null;
  /** Models, the built peer, logs and the home of our server. */
  readonly workFolder: string;
}

export const ENGINE_USAGE = `npm run bench -- engine [flags]

  --json           one JSON object on stdout and nothing else (of the first quantisation)
  --quick          small sizes, one round: shows that everything runs, measures nothing worth quoting
  --only NAME,...  these metrics alone: decode.1,decode.8,decode.32,ttft.shared-prefix,gap.worst,ttft.turn-30,...
  --quant Q,...    ${QUANTS.join(",")} (default: both)
  --rounds N       turns of each side in every scenario (default 3)
  --side S,...     ours,peer (default: both); one alone gives no ratios
  --peer PATH      a llama-server to use instead of building one (also ARRIERO_BENCH_PEER)
  --work DIR       cache of models and builds (default ~/.cache/arriero-bench)
`;

/** Throws `config_invalid` for a flag or value that is not in the usage. */
export function parseEngineOptions(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
  metrics: ReadonlySet<string>,
): EngineBenchOptions {
  const { values } = parsed(parameters);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100) {
    throw new ArrieroError("config_invalid", `--rounds wants a whole number from 1 to 100, got ${values.rounds}`);
  }
  return {
    json: values.json ?? false,
    size: values.quick ? "quick" : "full",
    rounds,
    quants: choices("quant", values.quant, QUANTS) ?? QUANTS,
    only: values.only === undefined ? null : new Set(choices("only", values.only, [...metrics])),
    sides: new Set(choices("side", values.side, ["ours", "peer"] as const) ?? ["ours", "peer"]),
    peer: values.peer ?? environment.ARRIERO_BENCH_PEER ?? null,
    workFolder: values.work ?? join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "arriero-bench"),
  };
}

function parsed(parameters: readonly string[]) {
  try {
    return parseArgs({
      args: [...parameters],
      options: {
        json: { type: "boolean" },
        quick: { type: "boolean" },
        only: { type: "string" },
        quant: { type: "string" },
        rounds: { type: "string" },
        side: { type: "string" },
        peer: { type: "string" },
        work: { type: "string" },
      },
    });
  } catch (thrown) {
    throw new ArrieroError("config_invalid", thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function choices<Choice extends string>(flag: string, text: string | undefined, allowed: readonly Choice[]): Choice[] | null {
  if (text === undefined) return null;
  return text.split(",").map((part) => {
    const choice = allowed.find((each) => each === part.trim());
    if (choice === undefined) throw new ArrieroError("config_invalid", `--${flag} knows ${allowed.join(", ")}; got ${part}`);
    return choice;
  });
}

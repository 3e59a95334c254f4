import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArrieroError } from "@arriero/spec";

/** What is measured: `rps`, `added` and `sse` have their metrics in targets.ts; `soak` is asked for by name alone. */
export const PARTS = ["rps", "added", "sse"] as const;
export type Part = (typeof PARTS)[number];

export interface GatewayBenchOptions {
  readonly json: boolean;
  readonly size: "full" | "quick";
  readonly rounds: number;
  /** Of one turn under load. */
  readonly seconds: number;
  readonly parts: ReadonlySet<Part>;
  /** Minutes of 2,000 streams through ours; null: none. */
  readonly soakMinutes: number | null;
  /** Portkey, our home, logs. */
  readonly workFolder: string;
}

export const GATEWAY_USAGE = `npm run bench -- gateway [flags]

  --json           one JSON object on stdout and nothing else
  --quick          one round of a second each: shows that everything runs, measures nothing worth quoting
  --only PART,...  ${PARTS.join(",")} (default: all)
  --rounds N       turns of each contestant (default 3)
  --seconds N      of each turn under load (default 4)
  --soak [MINUTES] instead of all else: 2,000 streams through ours for so long (default 10), and how its memory grows
  --work DIR       cache of peers, logs (default ~/.cache/arriero-bench)
`;

/** Throws `config_invalid` for a flag or value that is not in the usage. */
export function parseGatewayOptions(parameters: readonly string[], environment: NodeJS.ProcessEnv): GatewayBenchOptions {
  const { positionals, values } = parsed(parameters);
  const [minutes, ...others] = positionals;
  if (others.length > 0 || (minutes !== undefined && !values.soak)) {
    throw new ArrieroError("config_invalid", `there is no argument ${JSON.stringify(others[0] ?? minutes)}`);
  }
  return {
    json: values.json ?? false,
    size: values.quick ? "quick" : "full",
    rounds: amount("rounds", values.rounds, values.quick ? 1 : 3),
    seconds: amount("seconds", values.seconds, values.quick ? 1 : 4),
    parts: new Set(values.only === undefined ? PARTS : values.only.split(",").map(part)),
    soakMinutes: values.soak ? amount("soak", minutes, 10) : null,
    workFolder: values.work ?? join(environment.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "arriero-bench"),
  };
}

function parsed(parameters: readonly string[]) {
  try {
    return parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        quick: { type: "boolean" },
        soak: { type: "boolean" },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        work: { type: "string" },
      },
    });
  } catch (thrown) {
    throw new ArrieroError("config_invalid", thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function amount(flag: string, text: string | undefined, usual: number): number {
  const value = Number(text ?? usual);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new ArrieroError("config_invalid", `--${flag} wants a whole number from 1 to 1000, got ${text}`);
}

function part(text: string): Part {
  const known = PARTS.find((each) => each === text.trim());
  if (known === undefined) throw new ArrieroError("config_invalid", `--only knows ${PARTS.join(", ")}; got ${text}`);
  return known;
}

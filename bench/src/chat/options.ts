import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArrieroError } from "@arriero/spec";

/** What is measured; targets.ts names the metrics of each. */
export const PARTS = ["open", "typing", "memory"] as const;
export type Part = (typeof PARTS)[number];

export interface ChatBenchOptions {
  readonly json: boolean;
  readonly size: "full" | "quick";
  readonly parts: ReadonlySet<Part>;
  /** Times that the conversation is opened. */
  readonly rounds: number;
  /** Of typing while an answer streams. */
  readonly seconds: number;
  /** Of streaming while the tab's memory is watched. */
  readonly minutes: number;
  /** Our home, logs. */
  readonly workFolder: string;
}

export const CHAT_USAGE = `npm run bench -- chat [flags]

  --json           one JSON object on stdout and nothing else
  --quick          a short run: shows that everything works, measures nothing worth quoting
  --only PART,...  ${PARTS.join(",")} (default: all)
  --rounds N       times that the long conversation is opened (default 7)
  --seconds N      of typing beside a streaming answer (default 20)
  --minutes N      of streaming while the tab's memory is watched (default 3)
  --work DIR       home and logs (default ~/.cache/arriero-bench)

Chromium is the system's; CHROMIUM=PATH names another.
`;

/** Throws `config_invalid` for a flag or value that is not in the usage. */
export function parseChatOptions(parameters: readonly string[], environment: NodeJS.ProcessEnv): ChatBenchOptions {
  const values = parsed(parameters);
  const quick = values.quick ?? false;
  return {
    json: values.json ?? false,
    size: quick ? "quick" : "full",
    parts: new Set(values.only === undefined ? PARTS : values.only.split(",").map(part)),
    rounds: amount("rounds", values.rounds, quick ? 2 : 7),
    seconds: amount("seconds", values.seconds, quick ? 3 : 20),
    minutes: amount("minutes", values.minutes, quick ? 1 : 3),
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
        rounds: { type: "string" },
        seconds: { type: "string" },
        minutes: { type: "string" },
        work: { type: "string" },
      },
    }).values;
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

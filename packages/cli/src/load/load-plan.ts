import { UsageError } from "../invocation/usage-error.ts";

/** What a load test does. Every part is bounded. */
export interface LoadPlan {
  readonly model: string;
  /** Requests in flight at once. */
  readonly concurrency: number;
  readonly end: { readonly kind: "requests"; readonly count: number } | { readonly kind: "duration"; readonly ms: number };
  readonly maxTokens: number;
  /** Words of the prompt, which is about as many tokens. */
  readonly promptTokens: number;
  /** Draws the prompts, so that two runs send the same. */
  readonly seed: number;
}

export const LOAD_BOUNDS = {
  concurrency: { least: 1, most: 1024 },
  requests: { least: 1, most: 100_000 },
  seconds: { least: 1, most: 3600 },
  maxTokens: { least: 1, most: 100_000 },
  promptTokens: { least: 1, most: 100_000 },
} as const;

export interface LoadFlags {
  readonly model?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly requests?: string | undefined;
  readonly duration?: string | undefined;
  readonly "max-tokens"?: string | undefined;
  readonly "prompt-tokens"?: string | undefined;
  readonly seed?: string | undefined;
}

function whole(
  flag: string,
  text: string | undefined,
  fallback: number,
  { least, most }: { least: number; most: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(
    `--${flag} is a whole number from ${least} to ${most}, but was "${text}".`,
    "`arriero bench --help` shows what it takes.",
  );
}

/** `30`, `30s`, `2m`, in milliseconds. */
function duration(text: string): number {
  const match = /^(\d{1,5})(s|m)?$/.exec(text);
  const seconds = Number(match?.[1] ?? Number.NaN) * (match?.[2] === "m" ? 60 : 1);
  const { least, most } = LOAD_BOUNDS.seconds;
  if (seconds >= least && seconds <= most) return seconds * 1000;
  throw new UsageError(
    `--duration is ${least} to ${most} seconds, as 30s or 2m, but was "${text}".`,
    "`arriero bench --help` shows what it takes.",
  );
}

/** The plan of these flags; throws UsageError. Both --requests and --duration at once are a mistake. */
export function loadPlan(flags: LoadFlags): LoadPlan {
  if (flags.requests !== undefined && flags.duration !== undefined) {
    throw new UsageError("--requests and --duration both say when to end; give one.", "arriero bench --requests 100");
  }
  const count = whole("requests", flags.requests, 64, LOAD_BOUNDS.requests);
  return {
    model: flags.model ?? "arriero-demo",
    concurrency: whole("concurrency", flags.concurrency, 8, LOAD_BOUNDS.concurrency),
    end: flags.duration === undefined ? { kind: "requests", count } : { kind: "duration", ms: duration(flags.duration) },
    maxTokens: whole("max-tokens", flags["max-tokens"], 64, LOAD_BOUNDS.maxTokens),
    promptTokens: whole("prompt-tokens", flags["prompt-tokens"], 32, LOAD_BOUNDS.promptTokens),
    seed: whole("seed", flags.seed, 1, { least: 0, most: 0xffffffff }),
  };
}

const WORDS =
  "the llama carries salt over the high pass while the driver counts knots on a woven band and the sun warms the stones".split(
    " ",
  );

/** The prompt of request `index`: its own from the first word on, so that no cached prefix helps. */
export function loadPrompt({ promptTokens, seed }: Pick<LoadPlan, "promptTokens" | "seed">, index: number): string {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  const words: string[] = [];
  for (let word = 0; word < promptTokens; word++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words.push(WORDS[(state >>> 16) % WORDS.length]!);
  }
  return words.join(" ");
}

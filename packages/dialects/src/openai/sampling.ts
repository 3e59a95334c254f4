import { type AskedSampling, type PriorityClass, Sampling } from "@arriero/spec";
import { type Fields, numberAt, refusal, stringAt } from "../fields.ts";

/** Entries of `logit_bias`. */
const MAX_BIASES = 4096;
const MAX_TOKENS = 1_000_000;
const WINDOW = 32_768;
const INT64 = 2 ** 63;

const UNIT = { min: 0, max: 1 };
const DRY_DEFAULTS = Sampling.parse({ seed: 0, dry: {} }).dry!;

/** OpenAI's own fields, and those of llama.cpp and vLLM under their names. */
export function parseSampling(fields: Fields): AskedSampling {
  return {
    temperature: fields.number("temperature", { min: 0, max: 2 }),
    topK: orAll(fields.integer("top_k", { min: -1, max: 1_000_000 }), 0),
    topP: fields.number("top_p", UNIT),
    minP: fields.number("min_p", UNIT),
    typicalP: fields.number("typical_p", UNIT),
    repeatPenalty: penalty(fields, "repetition_penalty") ?? penalty(fields, "repeat_penalty"),
    frequencyPenalty: fields.number("frequency_penalty", { min: -2, max: 2 }),
    presencePenalty: fields.number("presence_penalty", { min: -2, max: 2 }),
    penaltyLastN: orAll(fields.integer("repeat_last_n", { min: -1, max: WINDOW }), WINDOW),
    dry: parseDry(fields),
    logitBias: parseLogitBias(fields),
    seed: parseSeed(fields),
  };
}

/** -1, as llama.cpp's clients send it, is no limit: null. Absent is undefined. */
export function parseMaxTokens(fields: Fields, key: string): number | null | undefined {
  const tokens = fields.raw(key);
  if (tokens === -1) return null;
  return fields.integer(key, { min: 1, max: MAX_TOKENS });
}

export function parsePriority(fields: Fields): PriorityClass {
  return fields.oneOf("priority", ["realtime", "interactive", "batch"]) ?? "interactive";
}

/** Any int64 is a seed; its low 32 bits are the ones drawn with. */
function parseSeed(fields: Fields): number | undefined {
  const seed = fields.integer("seed", { min: -INT64, max: INT64 });
  return seed === undefined ? undefined : Number(BigInt.asUintN(32, BigInt(seed)));
}

function penalty(fields: Fields, key: string): number | undefined {
  return fields.number(key, { min: 0, max: 10, exclusive: true });
}

/** -1 means "all of them" in llama.cpp and vLLM. */
function orAll(value: number | undefined, all: number): number | undefined {
  return value === -1 ? all : value;
}

function parseDry(fields: Fields): Sampling["dry"] {
  const multiplier = fields.number("dry_multiplier", { min: 0, max: 100 });
  const breakers = fields.list("dry_sequence_breakers", 32);
  const rest = {
    base: fields.number("dry_base", { min: 1, max: 10 }) ?? DRY_DEFAULTS.base,
    allowedLength: fields.integer("dry_allowed_length", { min: 0, max: 1024 }) ?? DRY_DEFAULTS.allowedLength,
    lastN: orAll(fields.integer("dry_penalty_last_n", { min: -1, max: WINDOW }), WINDOW) ?? DRY_DEFAULTS.lastN,
    breakers: breakers?.map((each, i) => stringAt(each, `dry_sequence_breakers[${i}]`, 64, 1)) ?? DRY_DEFAULTS.breakers,
  };
  return multiplier === undefined || multiplier === 0 ? undefined : { multiplier, ...rest };
}

function parseLogitBias(fields: Fields): Record<string, number> | undefined {
  const biases = fields.fields("logit_bias");
  if (biases === undefined) return undefined;
  const tokens = biases.keys();
  if (tokens.length > MAX_BIASES)
    throw refusal("logit_bias", `an object of at most ${MAX_BIASES} tokens`, fields.raw("logit_bias"));
  const parsed: Record<string, number> = {};
  for (const token of tokens) {
    if (!/^\d{1,7}$/.test(token)) throw refusal("logit_bias", "an object whose keys are token ids", token);
    const bias = biases.raw(token);
    if (bias !== undefined) parsed[token] = numberAt(bias, biases.at(token), { min: -100, max: 100 });
  }
  return parsed;
}

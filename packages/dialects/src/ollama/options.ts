import type { AskedSampling } from "@arriero/spec";
import { type Fields, unsupported } from "../fields.ts";
import { parseStops } from "../stop-list.ts";

const MAX_TOKENS = 1_000_000;
const WINDOW = 32_768;
const INT64 = 2 ** 63;
const UNIT = { min: 0, max: 1 };

export interface AskedOptions {
  readonly sampling: AskedSampling;
  /** null: until the context is full. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
}

/**
 * `options` of a request. Those that say how Ollama's own runner is to be loaded (`num_ctx`, `num_gpu`, `num_thread`, ...)
 * are ignored: the server's configuration decides that.
 */
export function parseOptions(body: Fields): AskedOptions {
  const options = body.fields("options");
  if (options === undefined) return { sampling: {}, maxTokens: null, stop: [] };
  refuseMirostat(options);
  return { sampling: parseSampling(options), maxTokens: parseMaxTokens(options), stop: parseStops(options, "stop") };
}

function parseSampling(options: Fields): AskedSampling {
  return {
    temperature: options.number("temperature", { min: 0, max: 10 }),
    topK: orAll(options.integer("top_k", { min: -1, max: 1_000_000 }), 0),
    topP: options.number("top_p", UNIT),
    minP: options.number("min_p", UNIT),
    typicalP: options.number("typical_p", UNIT),
    repeatPenalty: options.number("repeat_penalty", { min: 0, max: 10, exclusive: true }),
    frequencyPenalty: options.number("frequency_penalty", { min: -2, max: 2 }),
    presencePenalty: options.number("presence_penalty", { min: -2, max: 2 }),
    penaltyLastN: orAll(options.integer("repeat_last_n", { min: -1, max: WINDOW }), WINDOW),
    seed: parseSeed(options),
  };
}

/** A negative seed asks for a random one, as Ollama's default -1 does; of others the low 32 bits are drawn with. */
function parseSeed(options: Fields): number | undefined {
  const seed = options.integer("seed", { min: -INT64, max: INT64 });
  return seed === undefined || seed < 0 ? undefined : Number(BigInt.asUintN(32, BigInt(seed)));
}

/** -1 is no limit, -2 until the context is full, which is the same here; Ollama reads 0 as no limit too. */
function parseMaxTokens(options: Fields): number | null {
  const tokens = options.integer("num_predict", { min: -2, max: MAX_TOKENS });
  return tokens === undefined || tokens <= 0 ? null : tokens;
}

/** Another way to sample, which would be wrong to ignore. Its other two settings mean nothing without it. */
function refuseMirostat(options: Fields): void {
  const mirostat = options.integer("mirostat", { min: 0, max: 2 }) ?? 0;
  if (mirostat !== 0) throw unsupported(options.at("mirostat"), "Mirostat sampling is not supported; leave it out or send 0.");
}

/** -1 means "all of them". */
function orAll(value: number | undefined, all: number): number | undefined {
  return value === -1 ? all : value;
}

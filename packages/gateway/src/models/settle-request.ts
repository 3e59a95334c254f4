import { randomInt } from "node:crypto";
import { type AskedGeneration, type AskedSampling, type GenerationInput, GenerationRequest, Sampling } from "@arriero/spec";
import type { KnownModel, ResolvedModel } from "./known-models.ts";

const SEEDS = 2 ** 32;
const MOST_STOPS = 16;
const MOST_STOP_LENGTH = 256;

/**
 * Fills in what the caller left open. The caller's word comes first, then what the model's publisher set (Modelfile
 * PARAMETER, SYSTEM, MESSAGE), then the habits of the API that was used, then none: the bare softmax.
 *
 * @param habits defaults of the API the request came by
 * @param seed a uint32 for a generation that names none
 */
export function settleRequest(
  asked: AskedGeneration,
  { adapter, known, model }: ResolvedModel,
  habits: AskedSampling = {},
  seed: () => number = () => randomInt(SEEDS),
): GenerationRequest {
  const own = modelDefaults(known);
  // Each part was checked where it came from: by its dialect, or by modelDefaults.
  const sampling = { ...USUAL, ...named(habits), ...own.sampling, ...named(asked.sampling) } as Sampling;
  if (asked.sampling.seed === undefined && own.sampling.seed === undefined) sampling.seed = seed();
  return {
    ...asked,
    model,
    adapter,
    input: settleInput(asked.input, known),
    sampling,
    maxTokens: asked.maxTokens ?? own.maxTokens,
    stop:
      own.stop.length === 0 && asked.stop.length <= 1
        ? asked.stop
        : [...new Set([...asked.stop, ...own.stop])].slice(0, MOST_STOPS),
  };
}

const USUAL = Sampling.parse({ seed: 0 });

interface ModelDefaults {
  readonly sampling: AskedSampling;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
}

/** Modelfile name -> ours. */
const SAMPLING_NAMES = {
  temperature: "temperature",
  top_k: "topK",
  top_p: "topP",
  min_p: "minP",
  typical_p: "typicalP",
  repeat_penalty: "repeatPenalty",
  repeat_last_n: "penaltyLastN",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  seed: "seed",
} as const satisfies Record<string, keyof Sampling>;

const NO_DEFAULTS: ModelDefaults = { sampling: {}, maxTokens: null, stop: [] };
const NO_MOST = { success: false } as const;

/** A published value out of its bounds is left out, as if the publisher had said nothing: the model stays usable. */
function modelDefaults({ parameters }: KnownModel): ModelDefaults {
  if (isEmpty(parameters)) return NO_DEFAULTS;
  const sampling: Record<string, unknown> = {};
  for (const [theirs, ours] of Object.entries(SAMPLING_NAMES)) {
    if (parameters[theirs] === undefined) continue;
    const checked = Sampling.shape[ours].safeParse(parameters[theirs]);
    if (checked.success) sampling[ours] = checked.data;
  }
  const most =
    parameters.num_predict === undefined ? NO_MOST : GenerationRequest.shape.maxTokens.safeParse(parameters.num_predict);
  const stops: unknown[] = Array.isArray(parameters.stop) ? parameters.stop : [parameters.stop];
  return {
    sampling,
    maxTokens: most.success ? most.data : null,
    stop: stops.filter((each): each is string => typeof each === "string" && each !== "" && each.length <= MOST_STOP_LENGTH),
  };
}

/** A conversation that has no system message of its own begins with the model's; its example turns stand before it. */
export function settleInput(input: GenerationInput, { messages, system }: KnownModel): GenerationInput {
  if (input.kind !== "chat" || (system === null && messages.length === 0)) return input;
  const instructed = input.messages[0]?.role === "system";
  const opening = instructed || system === null ? [] : [{ role: "system" as const, content: system }];
  const [own, turns] = instructed ? [input.messages.slice(0, 1), input.messages.slice(1)] : [opening, input.messages];
  return { ...input, messages: [...own, ...messages, ...turns] };
}

function named(sampling: AskedSampling): AskedSampling {
  const said: Record<string, unknown> = {};
  for (const name in sampling) {
    const value = sampling[name as keyof AskedSampling];
    if (value !== undefined) said[name] = value;
  }
  return said;
}

function isEmpty(fields: Readonly<Record<string, unknown>>): boolean {
  for (const _ in fields) return false;
  return true;
}

import { z } from "zod";
import { ChatMessage, ToolChoice, ToolDefinition } from "./chat-message.ts";
import { PrefixMark } from "./held-prefixes.ts";

/**
 * How the next token is chosen from the logits. Every field is resolved: defaults are applied at the edge,
 * so that two replicas given the same request draw the same tokens.
 */
export const Sampling = z.object({
  /** 0 is greedy: the arg max, whatever the other fields say about randomness. */
  temperature: z.number().min(0).max(10).default(1),
  /** 0 keeps every token. */
  topK: z.int().min(0).max(1_000_000).default(0),
  topP: z.number().min(0).max(1).default(1),
  minP: z.number().min(0).max(1).default(0),
  /** Locally typical sampling; 1 is off. */
  typicalP: z.number().min(0).max(1).default(1),
  /** Multiplicative penalty on tokens of the last `penaltyLastN`; 1 is off. */
  repeatPenalty: z.number().gt(0).max(10).default(1),
  frequencyPenalty: z.number().min(-2).max(2).default(0),
  presencePenalty: z.number().min(-2).max(2).default(0),
  penaltyLastN: z.int().min(0).max(32_768).default(64),
  /** DRY repetition penalty; `multiplier` 0 is off. */
  dry: z
    .object({
      multiplier: z.number().min(0).max(100).default(0),
      base: z.number().min(1).max(10).default(1.75),
      allowedLength: z.int().min(0).max(1024).default(2),
      lastN: z.int().min(0).max(32_768).default(1024),
      breakers: z.array(z.string().min(1).max(64)).max(32).default(["\n", ":", '"', "*"]),
    })
    .optional(),
  /** Token id -> bias added to its logit, in nats. */
  logitBias: z.record(z.string().regex(/^\d{1,7}$/), z.number().min(-1000).max(1000)).optional(),
  /** The draw for position p comes from hash(seed, p). */
  seed: z.int().min(0).max(0xffffffff),
});
export type Sampling = z.infer<typeof Sampling>;

/** What the output must look like. `grammar` is GBNF. */
export const OutputFormat = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text") }),
  z.object({ kind: z.literal("json") }),
  z.object({ kind: z.literal("json-schema"), name: z.string().max(64).optional(), schema: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal("grammar"), grammar: z.string().min(1).max(262_144) }),
]);
export type OutputFormat = z.infer<typeof OutputFormat>;

/** What the model is given: a conversation for the model's template, bare text, or token ids. */
export const GenerationInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("chat"),
    messages: z.array(ChatMessage).min(1).max(20_000),
    tools: z.array(ToolDefinition).max(128).default([]),
    toolChoice: ToolChoice.default({ kind: "auto" }),
    parallelToolCalls: z.boolean().default(true),
    /** Asks a reasoning template to think or not; undefined leaves the template's default. */
    reasoning: z.boolean().optional(),
    /**
     * The beginning of the assistant's answer, already said: the output goes on behind it and does not repeat it. Only for
     * backends with the capability `assistantPrefill`; not together with a format other than text.
     */
    prefill: z.string().min(1).optional(),
  }),
  z.object({ kind: z.literal("text"), text: z.string() }),
  z.object({ kind: z.literal("tokens"), tokens: z.array(z.int().min(0)).min(1) }),
]);
export type GenerationInput = z.infer<typeof GenerationInput>;

export const PriorityClass = z.enum(["realtime", "interactive", "batch"]);
export type PriorityClass = z.infer<typeof PriorityClass>;

/**
 * One generation, in the words of no dialect. A generation is a pure function of model, adapter, prompt tokens,
 * these parameters and the seed.
 */
export const GenerationRequest = z.object({
  id: z.string().min(1).max(128),
  model: z.string().min(1).max(256),
  adapter: z.string().min(1).max(256).nullable().default(null),
  input: GenerationInput,
  sampling: Sampling,
  format: OutputFormat.default({ kind: "text" }),
  /** Tokens to generate at most for each choice; null: until the context is full. */
  maxTokens: z.int().min(1).max(1_000_000).nullable().default(null),
  stop: z.array(z.string().min(1).max(256)).max(16).default([]),
  /** Alternatives reported per token, 0..20; null: no log probabilities. */
  logprobs: z.int().min(0).max(20).nullable().default(null),
  /** Independent choices; choice i draws with seed + i. */
  n: z.int().min(1).max(16).default(1),
  /** Keep generating past the end-of-generation token (benchmarks). */
  ignoreEos: z.boolean().default(false),
  priority: PriorityClass.default("interactive"),
  /** Fairness key: the account, key or address the request is charged to. */
  client: z.string().max(256).default("local"),
  /**
   * Continue a broken generation: `tokens[i]` holds the token ids already emitted for choice i. The engine replays
   * them (grammar, penalties, stop matching) without emitting and yields what the unbroken generation would have.
   */
  resume: z
    .object({
      tokens: z.array(z.array(z.int().min(0))).max(16),
      /** The prompt's ids as the start event told them: the next replica need not tokenize alike. */
      promptTokens: z.array(z.int().min(0)).min(1).nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Ask for the prompt's token ids in the start event, so that a continuation elsewhere has the very same prompt. */
  wantPromptTokens: z.boolean().default(false),
  /** Names of the prompt's beginnings, shortest first: by them a replica tells later what it still holds. */
  prefixMarks: z.array(PrefixMark).max(64).optional(),
});
export type GenerationRequest = z.infer<typeof GenerationRequest>;
/** The same before defaults are applied. */
export type GenerationRequestInput = z.input<typeof GenerationRequest>;

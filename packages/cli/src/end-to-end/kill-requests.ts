/** A way to ask: every one has to survive the loss of its replica. */
export interface AnswerForm {
  readonly name: string;
  readonly path: "/v1/chat/completions" | "/v1/completions";
  /** @param variant which question and seed; they come again after a few */
  body(variant: number): Record<string, unknown>;
}

/** As much of an answer as has to be the same whatever happened under it. */
export interface Answer {
  readonly choices: readonly {
    readonly text: string;
    readonly calls: string;
    /** Log probabilities as they came, values and all. */
    readonly logprobs: readonly string[];
    readonly finish: string | null;
  }[];
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export type Outcome = { readonly kind: "complete"; readonly answer: Answer } | { readonly kind: "broken"; readonly why: string };

const QUESTIONS = ["What is Arriero?", "How do I add a model?", "Tell me about llamas."];
const LONG = 120;
const chat = (variant: number) => ({ model: "arriero-demo", messages: [{ role: "user", content: QUESTIONS[variant % 3]! }] });
const greedy = { temperature: 0, max_tokens: LONG, ignore_eos: true };
const drawn = (variant: number) => ({ temperature: 0.8, seed: 100 + variant, max_tokens: LONG, ignore_eos: true });
const WORDS = { type: "array", minItems: 14, maxItems: 14, items: { enum: ["llama", "alpaca", "vicuna", "guanaco"] } };
const SCHEMA = {
  type: "object",
  properties: { name: { type: "string", maxLength: 20 }, herd: WORDS },
  required: ["name", "herd"],
  additionalProperties: false,
};
const jsonSchema = { response_format: { type: "json_schema", json_schema: { name: "caravan", schema: SCHEMA, strict: true } } };
const tools = {
  tools: [{ type: "function", function: { name: "load_caravan", parameters: SCHEMA, strict: true } }],
  tool_choice: "required",
};
const streamed = { stream: true, stream_options: { include_usage: true } };
const CHAT = "/v1/chat/completions";

export const FORMS: readonly AnswerForm[] = [
  { name: "plain", path: CHAT, body: (v) => ({ ...chat(v), ...greedy, ...streamed }) },
  { name: "plain, whole", path: CHAT, body: (v) => ({ ...chat(v), ...greedy }) },
  { name: "json_schema", path: CHAT, body: (v) => ({ ...chat(v), ...jsonSchema, temperature: 0, ...streamed }) },
  {
    name: "json_schema, temperature 0.8, whole",
    path: CHAT,
    body: (v) => ({ ...chat(v), ...jsonSchema, temperature: 0.8, seed: 100 + v }),
  },
  { name: "tools", path: CHAT, body: (v) => ({ ...chat(v), ...tools, temperature: 0, ...streamed }) },
  {
    name: "logprobs",
    path: CHAT,
    body: (v) => ({ ...chat(v), ...greedy, logprobs: true, top_logprobs: 2, ...streamed }),
  },
  { name: "temperature 0.8", path: CHAT, body: (v) => ({ ...chat(v), ...drawn(v), ...streamed }) },
  { name: "temperature 0.8, whole", path: CHAT, body: (v) => ({ ...chat(v), ...drawn(v) }) },
  { name: "n = 2, temperature 0.8", path: CHAT, body: (v) => ({ ...chat(v), ...drawn(v), n: 2, ...streamed }) },
  {
    name: "completions",
    path: "/v1/completions",
    body: (v) => ({ model: "arriero-demo", prompt: QUESTIONS[v % 3], ...greedy, ...streamed }),
  },
];

/** Whatever came back, streamed or not. */
export async function readOutcome(response: Response): Promise<Outcome> {
  const raw = await response.text();
  if (!response.ok) return { kind: "broken", why: `${response.status} ${raw.slice(0, 200)}` };
  if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    const body = JSON.parse(raw) as Whole;
    return complete(body.choices.map(ofWhole), body.usage);
  }
  const frames = raw.split("\n\n").flatMap((frame) => (frame.startsWith("data: ") ? [frame.slice(6)] : []));
  if (frames.at(-1) !== "[DONE]") return { kind: "broken", why: frames.at(-1)?.slice(0, 200) ?? "nothing" };
  return ofChunks(frames.slice(0, -1).map((frame) => JSON.parse(frame) as Chunk));
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}
interface Calls {
  readonly tool_calls?: readonly { readonly index?: number; readonly function: { name?: string; arguments?: string } }[];
}
interface Piece {
  readonly index: number;
  readonly text?: string;
  readonly finish_reason: string | null;
  readonly logprobs?: { readonly content?: readonly unknown[] } | null;
}
type Whole = { readonly usage: Usage; readonly choices: readonly (Piece & { message: { content: string | null } & Calls })[] };
type Chunk = {
  readonly usage?: Usage | null;
  readonly choices: readonly (Piece & { delta?: { content?: string | null } & Calls })[];
};
type Choice = { text: string; calls: string; logprobs: string[]; finish: string | null };

const logprobsOf = ({ logprobs }: Piece) => (logprobs?.content ?? []).map((entry) => JSON.stringify(entry));

function ofWhole(choice: Whole["choices"][number]): Choice {
  const calls = (choice.message.tool_calls ?? []).map((call) => `${call.function.name}(${call.function.arguments})`).join();
  return { text: choice.message.content ?? "", calls, logprobs: logprobsOf(choice), finish: choice.finish_reason };
}

function ofChunks(chunks: readonly Chunk[]): Outcome {
  const choices: Choice[] = [];
  let usage: Usage | null = null;
  for (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    for (const piece of chunk.choices) {
      choices[piece.index] ??= { text: "", calls: "", logprobs: [], finish: null };
      const choice = choices[piece.index]!;
      choice.text += piece.delta?.content ?? piece.text ?? "";
      for (const call of piece.delta?.tool_calls ?? []) {
        choice.calls += `${call.function.name === undefined ? "" : `${call.function.name}:`}${call.function.arguments ?? ""}`;
      }
      choice.logprobs.push(...logprobsOf(piece));
      choice.finish = piece.finish_reason ?? choice.finish;
    }
  }
  return complete(choices, usage);
}

function complete(choices: readonly Choice[], usage: Usage | null): Outcome {
  if (usage === null) return { kind: "broken", why: "no usage" };
  if (choices.length === 0 || choices.some(({ finish }) => finish === null)) return { kind: "broken", why: "no finish" };
  return {
    kind: "complete",
    answer: { choices, promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens },
  };
}

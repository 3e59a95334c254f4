import type { Capability, GenerationInput, GenerationRequest, ImageRequest } from "@arriero/spec";
import { RequestMarks } from "../affinity/prefix-affinity.ts";

/** Characters of a token, roughly, where nobody has counted yet: routing compares, it does not bill. */
const TOKEN_CHARS = 4;
/** Tokens of an answer whose length nobody bounded. */
const USUAL_ANSWER = 512;

/** What a generation asks of its backend, as routing sees it. */
export function generationNeeds(request: GenerationRequest) {
  const { adapter, format, input, logprobs, maxTokens, n, priority } = request;
  const needs: Capability[] = [input.kind === "chat" ? "chat" : "completions"];
  if (input.kind === "chat" && input.tools.length > 0) needs.push("tools");
  if (input.kind === "chat" && input.prefill !== undefined) needs.push("assistantPrefill");
  if (format.kind === "json-schema" || format.kind === "json") needs.push("jsonSchema");
  // Grammars are our engine's own.
  if (format.kind === "grammar") needs.push("exactResume");
  if (logprobs !== null) needs.push("logprobs");
  return {
    class: priority,
    needs,
    adapter,
    promptTokens: promptTokens(input),
    outputTokens: outputTokens(maxTokens, n),
    marks: marksOf(request) as RequestMarks | null,
  };
}

/** The most that may come, as far as anybody said. */
export const outputTokens = (maxTokens: number | null, n: number): number => (maxTokens ?? USUAL_ANSWER) * n;

/** The beginnings of its prompt, by which it finds who has computed them. */
export const marksOf = (request: GenerationRequest): RequestMarks => new RequestMarks(request, promptTokens(request.input));

export type RoutingNeeds = ReturnType<typeof generationNeeds>;

/** What embedding some inputs asks of its backend. */
export function embeddingNeeds(inputs: readonly (string | readonly number[])[]): RoutingNeeds {
  const promptTokens = inputs.reduce((sum, input) => sum + sizeOf(input), 0);
  return { class: "interactive", needs: ["embeddings"], adapter: null, promptTokens, outputTokens: 0, marks: null };
}

/** What images ask of their backend. A prompt may have any length; of what comes back nobody counts tokens beforehand. */
export function imageNeeds({ body }: ImageRequest): RoutingNeeds {
  const prompt = typeof body["prompt"] === "string" ? sizeOf(body["prompt"]) : 0;
  return { class: "interactive", needs: ["images"], adapter: null, promptTokens: prompt, outputTokens: 0, marks: null };
}

function promptTokens(input: GenerationInput): number {
  switch (input.kind) {
    case "chat":
      return input.messages.reduce((sum, message) => sum + sizeOf(message.content), 0);
    case "text":
      return sizeOf(input.text);
    case "tokens":
      return input.tokens.length;
    default:
      return input satisfies never;
  }
}

function sizeOf(input: string | readonly number[]): number {
  return typeof input === "string" ? tokensOf(input) : input.length;
}

/** Of a text, roughly. */
export const tokensOf = (text: string): number => Math.ceil(text.length / TOKEN_CHARS);

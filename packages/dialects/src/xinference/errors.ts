import { ArrieroError } from "@arriero/spec";
import { formatError as formatOpenAiError, type OpenAiErrorAnswer } from "../openai/errors.ts";

export interface XinferenceErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly detail: string };
}

/** An error on a route that only Xinference's clients use: FastAPI's shape, the hint within the one text that is shown. */
export function formatError(thrown: unknown): XinferenceErrorAnswer {
  const { body, headers, status } = formatOpenAiError(thrown);
  return { status, headers, body: { detail: `${body.error.message} [${ArrieroError.wrap(thrown).code}]` } };
}

/** An error on a route that OpenAI's clients use too: each finds its own shape in the body. */
export function formatSharedError(thrown: unknown): OpenAiErrorAnswer {
  const answer = formatOpenAiError(thrown);
  return { ...answer, body: { ...answer.body, ...formatError(thrown).body } };
}

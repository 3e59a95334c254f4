import type { GenerationRequest } from "@arriero/spec";
import type { EmittedOutput } from "./emitted-output.ts";
import type { UpstreamCapabilities } from "./upstream.ts";

/**
 * How an attempt takes up an answer:
 * - `fresh`: nothing was said yet, the request is sent as it is
 * - `exact`: behind the token ids already emitted; the draw of each position is the one that would have been made
 * - `prefill`: behind the text already emitted, given as the beginning of the answer; equally good, not the same draws
 * - `restart`: from the start; what comes is compared with what was said and dropped as long as it is the same
 */
export type Strategy = "fresh" | "exact" | "prefill" | "restart";

export interface BrokenAnswer {
  readonly request: GenerationRequest;
  readonly choices: readonly { readonly output: EmittedOutput; readonly finished: boolean }[];
  /** Nothing at all reached the caller but `start`. */
  readonly untouched: boolean;
  /** Every output event so far came with its token ids. */
  readonly exact: boolean;
  /** Tokens emitted, all choices together; without ids every piece counts as one. */
  readonly completionTokens: number;
}

/** The surest way to take the answer up that is correct; null: none is, with this upstream. */
export function chooseStrategy(
  answer: BrokenAnswer,
  capabilities: UpstreamCapabilities,
  failed: ReadonlySet<Strategy>,
): Strategy | null {
  if (answer.untouched) return "fresh";
  if (answer.exact && capabilities.exactResume) return "exact";
  if (!failed.has("prefill") && mayPrefill(answer, capabilities)) return "prefill";
  if (!failed.has("restart") && mayRestart(answer, capabilities)) return "restart";
  return null;
}

/**
 * The text alone must say where the answer stands. It does not where a grammar or a schema is half done (a server starts
 * it anew), where tools are offered (a call may be half read), where the model reasoned (its thoughts would be lost), or
 * where several choices run in one request.
 */
function mayPrefill({ completionTokens, choices, request }: BrokenAnswer, { assistantPrefill }: UpstreamCapabilities): boolean {
  const [choice] = choices;
  if (choice === undefined || choices.length !== 1) return false;
  if (request.format.kind !== "text" || request.logprobs !== null || request.ignoreEos) return false;
  if (choice.output.reasoning !== "" || choice.output.calls.size > 0 || choice.output.text.trimEnd() === "") return false;
  if (request.maxTokens !== null && completionTokens >= request.maxTokens) return false;
  switch (request.input.kind) {
    case "chat": {
      const { prefill, toolChoice, tools } = request.input;
      return assistantPrefill && prefill === undefined && (tools.length === 0 || toolChoice.kind === "none");
    }
    case "text":
      return true;
    case "tokens":
      return false;
    default:
      return request.input satisfies never;
  }
}

/** Worth a try where the same text may be hoped for; whether it came is checked. Log probabilities cannot be cut out of it. */
function mayRestart({ request }: BrokenAnswer, { honoursSeed }: UpstreamCapabilities): boolean {
  return request.logprobs === null && (request.sampling.temperature === 0 || honoursSeed);
}

/** The same request behind `text`. At most as many tokens as are left by the count of those emitted. */
export function prefilled(request: GenerationRequest, text: string, completionTokens: number): GenerationRequest {
  const { input, maxTokens } = request;
  const left = maxTokens === null ? null : maxTokens - completionTokens;
  switch (input.kind) {
    case "chat":
      return { ...request, maxTokens: left, input: { ...input, prefill: text } };
    case "text":
      return { ...request, maxTokens: left, input: { ...input, text: input.text + text } };
    case "tokens":
      return request;
    default:
      return input satisfies never;
  }
}

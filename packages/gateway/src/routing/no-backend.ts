import { ArrieroError, type ErrorCode } from "@arriero/spec";
import type { RoutingDecision } from "./explain.ts";
import { FILTER_NAMES, type FilterName } from "./filters/refusal.ts";

const CODES: Readonly<Record<FilterName, ErrorCode>> = {
  capability: "unsupported",
  residency: "forbidden",
  demand: "replica_unavailable",
  budget: "forbidden",
  avoided: "replica_failed",
  health: "replica_unavailable",
  limits: "rate_limited",
};

const HINTS: Readonly<Partial<Record<FilterName, string>>> = {
  residency: "Widen the residency policy, or add a backend within it; `arriero explain MODEL` shows each backend's reason.",
  demand: "Loosen the model's demands, or add a backend that meets them; `arriero explain MODEL` shows each backend's reason.",
  budget: "Ask for fewer tokens, or have the budget raised.",
};

/** Seconds after which the windows of the limits have moved on a little. */
const RETRY_AFTER_LIMITS = 5;

/**
 * The error for a decision without a pick. It speaks of the backend that came furthest through the rules, and of the
 * first that stopped it: that is the nearest thing to an answer there was.
 */
export function noBackend(model: string, { backends }: RoutingDecision): ArrieroError {
  let nearest = -1;
  let message = "";
  for (const { id, refusals } of backends) {
    const first = refusals[0];
    if (first === undefined || FILTER_NAMES.indexOf(first.rule) <= nearest) continue;
    nearest = FILTER_NAMES.indexOf(first.rule);
    message = `${id}: ${first.message}`;
  }
  const rule = FILTER_NAMES[nearest];
  const counted = `${backends.length} ${backends.length === 1 ? "backend" : "backends"}`;
  const text = `None of the ${counted} of ${model} may take this request; the nearest was ${message}.`;
  if (rule === undefined) return new ArrieroError("replica_unavailable", `${model} has no backends.`);
  const hint = HINTS[rule];
  return new ArrieroError(CODES[rule], text, {
    ...(hint === undefined ? {} : { hint }),
    ...(rule === "limits" ? { retryAfter: RETRY_AFTER_LIMITS } : {}),
  });
}

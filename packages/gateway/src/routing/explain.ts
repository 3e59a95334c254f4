import type { BackendDescription, RoutingPolicyName } from "@arriero/spec";
import type { BackendSnapshot } from "./backend-snapshot.ts";
import { refusals } from "./filters/filters.ts";
import type { Refusal } from "./filters/refusal.ts";
import { narrow } from "./narrow.ts";
import { ROUTING_POLICIES } from "./policies.ts";
import type { RoutingChance, RoutingRequest, RoutingRules } from "./routing-request.ts";
import type { ScorerName } from "./scorers/scorers.ts";

/** One backend of a decision. */
export interface ExplainedBackend
  extends Pick<BackendDescription, "id" | "kind" | "regions" | "boundary" | "hardware" | "purchase"> {
  readonly allowed: boolean;
  /** Every rule that refused it. */
  readonly refusals: readonly Refusal[];
}

/** One scorer of the policy that was asked: it is not where one candidate is left. */
export interface ExplainedStep {
  readonly scorer: ScorerName;
  /** By backend id; null: left out of this comparison. */
  readonly costs: Readonly<Record<string, number | null>>;
  readonly kept: readonly string[];
}

/** A decision with all that led to it: plain JSON, no prompt text, enough to make the same decision again. */
export interface RoutingDecision {
  readonly policy: RoutingPolicyName;
  readonly request: RoutingRequest;
  readonly chance: RoutingChance;
  readonly backends: readonly ExplainedBackend[];
  readonly steps: readonly ExplainedStep[];
  /** Id of the backend; null: none was allowed. */
  readonly picked: string | null;
}

/** What `pickBackend` does with the same arguments, and why. */
export function explain(
  rules: RoutingRules,
  request: RoutingRequest,
  snapshots: readonly BackendSnapshot[],
  chance: RoutingChance,
): RoutingDecision {
  const judged = snapshots.map((snapshot) => ({ snapshot, against: refusals(snapshot, request, rules) }));
  const allowed = judged.filter(({ against }) => against.length === 0).map(({ snapshot }) => snapshot);
  const steps: ExplainedStep[] = [];
  const picked = narrow(ROUTING_POLICIES[rules.policy], allowed, request, chance, (scorer, compared, costs, left) => {
    const byId = Object.fromEntries(compared.map(({ backend }, index) => [backend.id, costs[index]!]));
    steps.push({ scorer, costs: byId, kept: left.map(({ backend }) => backend.id) });
  });
  return {
    policy: rules.policy,
    request,
    chance,
    backends: judged.map(({ against, snapshot: { backend } }) => explained(backend, against)),
    steps,
    picked: picked?.backend.id ?? null,
  };
}

function explained(
  { boundary, hardware, id, kind, purchase, regions }: BackendDescription,
  against: readonly Refusal[],
): ExplainedBackend {
  return { id, kind, regions, boundary, hardware, purchase, allowed: against.length === 0, refusals: against };
}

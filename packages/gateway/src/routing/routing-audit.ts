import type { BackendSnapshot } from "./backend-snapshot.ts";
import { isAllowed, refusals } from "./filters/filters.ts";
import type { RoutingRequest, RoutingRules } from "./routing-request.ts";

/** One decision in short, for the log and the answer's header: what was allowed, what was not and why. No prompt text. */
export interface RoutingAudit {
  /** Id of the backend; null: none was allowed. */
  readonly picked: string | null;
  readonly allowed: readonly string[];
  readonly refused: readonly { readonly id: string; readonly why: readonly string[] }[];
}

/** How the rules judged each backend. @param picked id of the backend chosen among those allowed */
export function auditDecision(
  rules: RoutingRules,
  request: RoutingRequest,
  snapshots: readonly BackendSnapshot[],
  picked: string | null,
): RoutingAudit {
  const allowed: string[] = [];
  const refused: { readonly id: string; readonly why: readonly string[] }[] = [];
  for (const snapshot of snapshots) {
    const { id } = snapshot.backend;
    if (isAllowed(snapshot, request, rules)) allowed.push(id);
    else refused.push({ id, why: refusals(snapshot, request, rules).map(({ message, rule }) => `${rule}: ${message}`) });
  }
  return { picked, allowed, refused };
}

/** What stands for the replicas that this server starts, where no backend of the configuration names them. */
const HERE = "this-server";

/** Whether this server itself may take a request. @param objection null: it may */
export function auditHere(objection: string | null): RoutingAudit {
  if (objection === null) return { picked: HERE, allowed: [HERE], refused: [] };
  return { picked: null, allowed: [], refused: [{ id: HERE, why: [`residency: ${objection}`] }] };
}

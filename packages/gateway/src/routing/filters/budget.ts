import { requestCostMicros } from "../request-cost.ts";
import type { Filter } from "./refusal.ts";

/** The request at its dearest, nothing cached, stays within what may be spent. A budget cannot be kept without a price. */
export const budget: Filter = ({ backend }, request) => {
  const left = request.budgetLeftMicros;
  if (left === null) return null;
  const cost = requestCostMicros(backend, request, 0);
  if (cost === null) {
    return { rule: "budget", message: "it has no price, and the caller has a budget", wanted: left, value: "unknown" };
  }
  if (cost <= left) return null;
  const message = `the request may cost ${cost / 1e6} and ${left / 1e6} is left of the budget`;
  return { rule: "budget", message, wanted: left, value: cost };
};

import { type BackendDescription, BackendEntry, ClassDemands, type RoutingPolicyName } from "@arriero/spec";
import { type BackendSnapshot, idleSnapshot } from "../backend-snapshot.ts";
import { describeBackend } from "../describe-backend.ts";
import { NO_RESIDENCY } from "../residency.ts";
import type { RoutingChance, RoutingRequest, RoutingRules } from "../routing-request.ts";

/** A replica of ours in the region `here`, unless said otherwise. */
export const backend = (id: string, changes: Partial<BackendDescription> = {}): BackendDescription => ({
  ...describeBackend(BackendEntry.parse({ id, kind: "engine" }), "m", ["here"]),
  ...changes,
});

/** An idle, ready backend. */
export const snapshot = (
  id: string,
  changes: Partial<Omit<BackendSnapshot, "backend">> = {},
  described: Partial<BackendDescription> = {},
): BackendSnapshot => ({ ...idleSnapshot(backend(id, described)), ...changes });

export const request = (changes: Partial<RoutingRequest> = {}): RoutingRequest => ({
  class: "interactive",
  needs: [],
  promptTokens: 100,
  outputTokens: 100,
  adapter: null,
  residency: NO_RESIDENCY,
  budgetLeftMicros: null,
  avoided: [],
  ...changes,
});

export const rules = (policy: RoutingPolicyName, demands: object = {}): RoutingRules => ({
  policy,
  demands: ClassDemands.parse(demands),
});

export const chance = (turn = 0, draw = 0.5): RoutingChance => ({ turn, draw });

export const work = (tokens: number, requests = 1): Partial<BackendSnapshot> => ({ outstanding: { tokens, requests } });

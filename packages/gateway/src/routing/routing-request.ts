import type { Capability, PriorityClass, ResidencyPolicy, RoutedModel } from "@arriero/spec";

/** What routing needs to know of a request. */
export interface RoutingRequest {
  readonly class: PriorityClass;
  readonly needs: readonly Capability[];
  /** Estimates, in tokens. `outputTokens` is the most that may come. */
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly adapter: string | null;
  /** All layers combined, see combineResidency. */
  readonly residency: ResidencyPolicy;
  /** What may still be spent, in millionths of the currency unit; null: without bound. */
  readonly budgetLeftMicros: number | null;
  /** Ids of backends that this request must not be sent to again. */
  readonly avoided: readonly string[];
}

/** What routing needs to know of the model asked for. */
export type RoutingRules = Pick<RoutedModel, "policy" | "demands">;

/** All that is random or counted in a choice: the same snapshot and chance give the same pick. */
export interface RoutingChance {
  /** Grows by one with each request of the model. */
  readonly turn: number;
  /** 0 up to 1. */
  readonly draw: number;
}

import type { ResidencyPolicy, RoutedModel } from "@arriero/spec";
import type { ResponseCacheOptions } from "./cache/response-cache.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { ConfiguredBudgets } from "./limits/organisation-budgets.ts";
import type { OrganisationPolicies } from "./routing/caller-residency.ts";
import type { ModelPrice } from "./usage/model-price.ts";

/** Models of the configuration, with the residency policy that binds them all. */
export interface RoutingSettings {
  readonly models: readonly RoutedModel[];
  readonly residency: ResidencyPolicy;
  /** Policies of organisations, by name. */
  readonly organisations?: OrganisationPolicies;
  /** Where this server stands, and so the replicas that it starts. */
  readonly ownRegions: readonly string[];
}

/** What a running server takes over from a changed configuration. Everything else wants a restart. */
export interface LiveSettings {
  readonly routing: RoutingSettings;
  readonly prices: readonly ModelPrice[];
  /** Budgets of organisations, by name. */
  readonly budgets?: ConfiguredBudgets;
  readonly limits: GatewayLimits;
  readonly cache: ResponseCacheOptions;
}

import type { LiveSettings } from "@arriero/gateway";
import type { Config } from "../config/config-schema.ts";
import { organisationBudgets } from "../config/organizations-schema.ts";

/** The part of the configuration that the gateway takes over while it runs, in its words. */
export async function liveSettings({
  cache,
  limits,
  models,
  organizations: own,
  prices,
  residency,
}: Config): Promise<LiveSettings> {
  const { combineResidency, describeModel } = await import("@arriero/gateway");
  const { organizations, ownRegions, ...granted } = residency;
  return {
    routing: {
      models: Object.entries(models).map(([name, entry]) => describeModel(name, entry, ownRegions)),
      residency: combineResidency([granted]),
      organisations: new Map(Object.entries(organizations)),
      ownRegions,
    },
    prices,
    budgets: new Map(Object.entries(own).map(([name, budgets]) => [name, organisationBudgets(budgets)])),
    limits,
    cache,
  };
}

import {
  type BackendDescription,
  type BackendEntry,
  type BackendKind,
  type Boundary,
  Capability,
  type ModelEntry,
  type RoutedModel,
} from "@arriero/spec";
import { vendorCapabilities } from "./vendor-capabilities.ts";

interface KindDefaults {
  readonly capabilities: readonly Capability[];
  readonly boundary: Boundary;
}

/**
 * What a backend is taken for where the configuration is silent. Capabilities: what every server of the kind has, the
 * rest is named; a vendor's depend on which it is. Boundary: a replica of ours runs where its operator put it; of others nothing is known.
 */
const DEFAULTS: Readonly<Record<BackendKind, KindDefaults>> = {
  engine: {
    capabilities: Capability.options.filter((capability) => capability !== "images"),
    boundary: "documented",
  },
  openai: { capabilities: ["chat", "completions", "tools", "jsonSchema", "seed"], boundary: "undefined" },
  ollama: { capabilities: ["chat", "completions", "embeddings", "tools", "jsonSchema", "seed"], boundary: "undefined" },
  vendor: { capabilities: [], boundary: "undefined" },
};

const FREE = { input: 0, cachedInput: null, output: 0 };

/** The entry with its defaults. `ownRegions`: where this server stands, and so the replicas that it starts itself. */
export function describeBackend(entry: BackendEntry, model: string, ownRegions: readonly string[]): BackendDescription {
  const { kind, provider, url } = entry;
  const served = entry.model ?? model;
  const usual = provider === null ? DEFAULTS[kind].capabilities : vendorCapabilities(provider, served);
  const own = kind === "engine" && url === null;
  return {
    ...entry,
    model: served,
    pricePerMillion: entry.pricePerMillion ?? (kind === "engine" ? FREE : null),
    regions: entry.regions ?? (own ? ownRegions : []),
    boundary: entry.boundary ?? DEFAULTS[kind].boundary,
    capabilities: entry.capabilities ?? usual,
  };
}

/** A model of the configuration with its defaults. */
export function describeModel(name: string, entry: ModelEntry, ownRegions: readonly string[]): RoutedModel {
  const { aliases, backends, demands, policy } = entry;
  return { name, aliases, policy, demands, backends: backends.map((backend) => describeBackend(backend, name, ownRegions)) };
}

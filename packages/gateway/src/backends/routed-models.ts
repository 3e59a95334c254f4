import { ArrieroError, type ResidencyPolicy, type RoutedModel } from "@arriero/spec";
import type { BackendSet } from "./backend-set.ts";

/** The models of the configuration, by name and alias. */
export class RoutedModels {
  /** The installation's residency policy. */
  readonly residency: ResidencyPolicy;
  readonly #byName = new Map<string, BackendSet>();

  /** @throws ArrieroError config_invalid where two models have one name */
  constructor(sets: readonly BackendSet[], residency: ResidencyPolicy) {
    this.residency = residency;
    for (const set of sets) {
      for (const name of [set.model.name, ...set.model.aliases]) {
        if (this.#byName.has(name)) throw new ArrieroError("config_invalid", `models: two models are named ${name}.`);
        this.#byName.set(name, set);
      }
    }
  }

  all(): RoutedModel[] {
    return [...new Set(this.#byName.values())].map(({ model }) => model);
  }

  /** null: the configuration does not name it, so replicas of this server are all there is. */
  find(name: string): BackendSet | null {
    return this.#byName.get(name) ?? null;
  }
}

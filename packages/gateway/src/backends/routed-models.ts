import { ArrieroError, type ResidencyPolicy, type RoutedModel } from "@arriero/spec";
import { combineResidency, NO_RESIDENCY, type Place, residencyObjection } from "../routing/residency.ts";
import { auditHere, type RoutingAudit } from "../routing/routing-audit.ts";
import type { BackendSet } from "./backend-set.ts";

/** The models of the configuration, by name and alias. */
export class RoutedModels {
  #residency: ResidencyPolicy = NO_RESIDENCY;
  /** By what the caller's side says: one object for all requests of a key. */
  #bound = new WeakMap<ResidencyPolicy, ResidencyPolicy>();
  /** Where this server, and so the replicas that it starts, stands. */
  here: Place = { regions: [], boundary: "documented" };
  #byName: ReadonlyMap<string, BackendSet> = new Map();

  /** Takes the same as `replace`. */
  constructor(sets: readonly BackendSet[], residency: ResidencyPolicy, ownRegions: readonly string[]) {
    this.replace(sets, residency, ownRegions);
  }

  /**
   * From now on these and no others. Requests that have begun keep the backends and the policy that they began with.
   *
   * @param residency the installation's policy
   * @param ownRegions where this server stands
   * @throws ArrieroError config_invalid where two models have one name; then nothing has changed
   */
  replace(sets: readonly BackendSet[], residency: ResidencyPolicy, ownRegions: readonly string[]): void {
    const byName = new Map<string, BackendSet>();
    for (const set of sets) {
      for (const name of [set.model.name, ...set.model.aliases]) {
        if (byName.has(name)) throw new ArrieroError("config_invalid", `models: two models are named ${name}.`);
        byName.set(name, set);
      }
    }
    this.#byName = byName;
    this.#residency = residency;
    this.#bound = new WeakMap();
    this.here = { regions: ownRegions, boundary: "documented" };
  }

  /** The policy that binds a request. @param caller what its organisation, key and itself say together */
  residencyFor(caller: ResidencyPolicy | null): ResidencyPolicy {
    if (caller === null) return this.#residency;
    const known = this.#bound.get(caller);
    if (known !== undefined) return known;
    const bound = combineResidency([this.#residency, caller]);
    this.#bound.set(caller, bound);
    return bound;
  }

  /**
   * @param onDecision told whether this server may take it
   * @throws ArrieroError forbidden where a request may not be answered by this server itself
   */
  requireHere(caller: ResidencyPolicy | null, onDecision: (audit: RoutingAudit) => void = () => undefined): void {
    const objection = residencyObjection(this.residencyFor(caller), this.here);
    onDecision(auditHere(objection?.message ?? null));
    if (objection === null) return;
    throw new ArrieroError("forbidden", `This server may not take the request: ${objection.message}.`, {
      hint: "Widen the residency policy of the request, its key, organisation or the installation, or name this server's own regions.",
    });
  }

  /** Whether bytes of a request may come to rest on this server. */
  isHereAllowed(caller: ResidencyPolicy | null): boolean {
    return residencyObjection(this.residencyFor(caller), this.here) === null;
  }

  all(): RoutedModel[] {
    return [...new Set(this.#byName.values())].map(({ model }) => model);
  }

  /** null: the configuration does not name it, so replicas of this server are all there is. */
  find(name: string): BackendSet | null {
    return this.#byName.get(name) ?? null;
  }
}

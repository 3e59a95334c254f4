import type { LeaseOptions, ReplicaLease } from "@arriero/fleet";
import type { ReplicaAddress } from "@arriero/spec";
import type { PrefixAffinity, RequestMarks } from "../affinity/prefix-affinity.ts";
import type { GatewayLimits } from "../gateway-limits.ts";
import type { PickUpstream } from "./continuation.ts";
import { EngineUpstream, type UpstreamServices } from "./engine-upstream.ts";

export interface ReplicaSource {
  lease(model: string, options: LeaseOptions): Promise<ReplicaLease>;
}

export interface ReplicaServices extends UpstreamServices {
  readonly replicas: ReplicaSource;
  readonly affinity: PrefixAffinity;
  readonly limits: UpstreamServices["limits"] & Pick<GatewayLimits, "loadMs">;
}

/** Leases replicas of a model for the attempts of one request. @param marks of its prompt, where it has one */
export function replicaPicker(
  services: ReplicaServices,
  model: string,
  signal: AbortSignal,
  marks: RequestMarks | null,
): PickUpstream {
  const { affinity, limits, replicas } = services;
  const heldTokens = (address: ReplicaAddress) => (marks === null ? 0 : affinity.tokensHeld(address.url, marks));
  const asked = new Map<string, ReplicaAddress>();
  return async (avoid, patienceMs) => {
    const avoided = new Map([...avoid].flatMap(([id, until]) => (asked.has(id) ? [[asked.get(id)!, until] as const] : [])));
    const lease = await replicas.lease(model, { signal, avoid: avoided, heldTokens, timeoutMs: patienceMs ?? limits.loadMs });
    // Where there is but one replica nobody asked for marks, and none are sent.
    const made = marks?.made ?? null;
    const upstream = new EngineUpstream(services, lease.address, made);
    asked.set(upstream.id, lease.address);
    if (marks === null || made === null) return { upstream, notice: lease.notice, release: () => lease.release() };
    affinity.sent(lease.address.url, marks, model);
    const release = (): void => {
      affinity.ended(lease.address, marks, model);
      lease.release();
    };
    return { upstream, notice: lease.notice, release };
  };
}

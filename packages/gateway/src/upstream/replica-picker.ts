import type { LeaseOptions, ReplicaLease } from "@arriero/fleet";
import type { ReplicaAddress } from "@arriero/spec";
import type { GatewayLimits } from "../gateway-limits.ts";
import type { PickUpstream } from "./continuation.ts";
import { EngineUpstream, type UpstreamServices } from "./engine-upstream.ts";

export interface ReplicaSource {
  lease(model: string, options: LeaseOptions): Promise<ReplicaLease>;
}

export interface ReplicaServices extends UpstreamServices {
  readonly replicas: ReplicaSource;
  readonly limits: UpstreamServices["limits"] & Pick<GatewayLimits, "loadMs">;
}

/** Leases replicas of a model for the attempts of one request. */
export function replicaPicker(services: ReplicaServices, model: string, signal: AbortSignal): PickUpstream {
  const { limits, replicas } = services;
  const asked = new Map<string, ReplicaAddress>();
  return async (avoid, patienceMs) => {
    const avoided = new Map([...avoid].flatMap(([id, until]) => (asked.has(id) ? [[asked.get(id)!, until] as const] : [])));
    const lease = await replicas.lease(model, { signal, avoid: avoided, timeoutMs: patienceMs ?? limits.loadMs });
    const upstream = new EngineUpstream(services, lease.address);
    asked.set(upstream.id, lease.address);
    return { upstream, notice: lease.notice, release: () => lease.release() };
  };
}

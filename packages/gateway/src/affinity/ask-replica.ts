import type { HeldPrefixes, ReplicaAddress } from "@arriero/spec";
import { EngineUpstream, type UpstreamServices } from "../upstream/engine-upstream.ts";
import { UpstreamBroken } from "../upstream/upstream-broken.ts";

/** Ended by its own time limit alone. */
const NEVER = new AbortController().signal;

/** What a replica holds; null where it is too busy to say. Rejects where it is gone. */
export async function askReplica(services: UpstreamServices, address: ReplicaAddress): Promise<HeldPrefixes | null> {
  try {
    return await new EngineUpstream(services, address).prefixes(NEVER);
  } catch (thrown) {
    if (thrown instanceof UpstreamBroken && thrown.error.code === "upstream_timeout") return null;
    throw thrown;
  }
}

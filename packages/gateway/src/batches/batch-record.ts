import type { openai } from "@arriero/dialects";
import type { ResidencyPolicy } from "@arriero/spec";
import type { Principal } from "../http/principal.ts";

/** A batch as it is kept. `cancelling` is never written: it is what a cancelled one is until its work has ended. */
export interface BatchRecord extends openai.StoredBatch {
  readonly endpoint: openai.BatchEndpoint;
  /** Whom it is charged to; what a key may do is read anew while the batch runs. */
  readonly owner: Pick<Principal, "kind" | "id" | "organisation">;
  /** What bound the request that made it. */
  readonly residency: ResidencyPolicy | null;
  /** Of the output, from `createdAt` on; null: it stays. */
  readonly outputMs: number | null;
}

export const isFinal = ({ status }: Pick<BatchRecord, "status">): boolean => FINAL.includes(status);
const FINAL: readonly openai.BatchStatus[] = ["failed", "completed", "expired", "cancelled"];

export const NO_COUNTS: BatchRecord["counts"] = { total: 0, completed: 0, failed: 0 };
export const NO_TOKENS: BatchRecord["usage"] = { prompt: 0, cached: 0, completion: 0, reasoning: 0 };

/** A batch of this moment. */
export function newBatch(
  id: string,
  asked: openai.AskedBatch,
  { now, owner, residency }: { readonly now: number } & Pick<BatchRecord, "owner" | "residency">,
): BatchRecord {
  return {
    id,
    endpoint: asked.endpoint,
    inputFileId: asked.inputFileId,
    window: asked.window,
    metadata: asked.metadata,
    status: "validating",
    outputFileId: null,
    errorFileId: null,
    faults: [],
    createdAt: now,
    expiresAt: now + asked.windowMs,
    inProgressAt: null,
    finalizingAt: null,
    completedAt: null,
    failedAt: null,
    expiredAt: null,
    cancellingAt: null,
    cancelledAt: null,
    counts: NO_COUNTS,
    usage: NO_TOKENS,
    outputMs: asked.outputSeconds === null ? null : asked.outputSeconds * 1000,
    owner: { kind: owner.kind, id: owner.id, organisation: owner.organisation },
    residency,
  };
}

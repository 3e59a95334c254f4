import type { ErrorCode } from "@arriero/spec";
import { seconds } from "../files/format.ts";

export type BatchStatus =
  | "validating"
  | "failed"
  | "in_progress"
  | "finalizing"
  | "completed"
  | "expired"
  | "cancelling"
  | "cancelled";

/** What is wrong with the input file, or with one line of it, counted from 1. */
export interface BatchFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param: string | null;
  readonly line: number | null;
}

/** A batch, in no dialect's words but for its statuses. Times are milliseconds since the epoch; null: not come to that. */
export interface StoredBatch {
  readonly id: string;
  readonly endpoint: string;
  readonly inputFileId: string;
  readonly window: string;
  readonly status: BatchStatus;
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  readonly faults: readonly BatchFault[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly inProgressAt: number | null;
  readonly finalizingAt: number | null;
  readonly completedAt: number | null;
  readonly failedAt: number | null;
  readonly expiredAt: number | null;
  readonly cancellingAt: number | null;
  readonly cancelledAt: number | null;
  readonly counts: { readonly total: number; readonly completed: number; readonly failed: number };
  readonly usage: BatchTokens;
  readonly metadata: Readonly<Record<string, string>> | null;
}

export interface BatchTokens {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  readonly reasoning: number;
}

export function formatBatch(batch: StoredBatch) {
  const at = (ms: number | null): number | null => (ms === null ? null : seconds(ms));
  const { cached, completion, prompt, reasoning } = batch.usage;
  return {
    id: batch.id,
    object: "batch" as const,
    endpoint: batch.endpoint,
    errors: batch.faults.length === 0 ? null : { object: "list" as const, data: batch.faults },
    input_file_id: batch.inputFileId,
    completion_window: batch.window,
    status: batch.status,
    output_file_id: batch.outputFileId,
    error_file_id: batch.errorFileId,
    created_at: seconds(batch.createdAt),
    in_progress_at: at(batch.inProgressAt),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: at(batch.finalizingAt),
    completed_at: at(batch.completedAt),
    failed_at: at(batch.failedAt),
    expired_at: at(batch.expiredAt),
    cancelling_at: at(batch.cancellingAt),
    cancelled_at: at(batch.cancelledAt),
    request_counts: batch.counts,
    usage: {
      input_tokens: prompt,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: completion,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: prompt + completion,
    },
    metadata: batch.metadata,
  };
}

/** How one line of a batch ended. */
export type LineOutcome =
  | { readonly kind: "answered"; readonly status: number; readonly requestId: string; readonly body: unknown }
  | { readonly kind: "not-run"; readonly code: string; readonly message: string };

/** A line of the output file, or of the file of errors. @param id unique among all lines of all batches */
export function formatBatchLine(id: string, customId: string, outcome: LineOutcome) {
  switch (outcome.kind) {
    case "answered": {
      const { body, requestId, status } = outcome;
      return { id, custom_id: customId, response: { status_code: status, request_id: requestId, body }, error: null };
    }
    case "not-run":
      return { id, custom_id: customId, response: null, error: { code: outcome.code, message: outcome.message } };
    default:
      return outcome satisfies never;
  }
}

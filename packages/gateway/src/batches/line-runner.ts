import { openai } from "@arriero/dialects";
import type { Clock } from "@arriero/fleet";
import { ArrieroError, type ErrorCode } from "@arriero/spec";
import type { Logger } from "pino";
import { logAccess } from "../access-log.ts";
import type { WholeAnswers } from "../routes/openai-whole.ts";
import { residencyOfBody } from "../routing/asked-residency.ts";
import { callerResidency, type OrganisationPolicies } from "../routing/caller-residency.ts";
import type { Accounting } from "../usage/accounting.ts";
import type { LoggedLine } from "./batch-log.ts";
import type { BatchOwners } from "./batch-owner.ts";
import type { BatchRecord } from "./batch-record.ts";
import type { NumberedLine } from "./bounded-lines.ts";
import { LineRequest } from "./line-request.ts";

export interface LineRunnerOptions {
  readonly answers: WholeAnswers;
  readonly owners: BatchOwners;
  /** null: nothing is kept of requests. */
  readonly accounting: Accounting | null;
  /** As they stand now: a reload may change them. */
  organisations(): OrganisationPolicies;
  readonly clock: Clock;
  readonly log: Logger;
}

const MOST_TRIES = 6;
/** A line that would have to wait longer before its next try fails instead. */
const LONGEST_WAIT_MS = 120_000;
/**
 * A ledger that is away for longer does not hold up the batch. Nobody waits for one, and what is told before it is billed
 * is lost to the bill where the server is killed: a database that is only being made, on a busy machine, must be waited for.
 */
const RECORD_MS = 600_000;
/** What passes by itself. */
const PASSING: readonly ErrorCode[] = [
  "queue_full",
  "rate_limited",
  "replica_failed",
  "replica_unavailable",
  "store_unavailable",
  "upstream_timeout",
  "draining",
];

/** Runs single lines: each as its key's own request, tried again where that helps, and one row of the ledger however often. */
export class LineRunner {
  readonly #options: LineRunnerOptions;

  constructor(options: LineRunnerOptions) {
    this.#options = options;
  }

  /** Resolves once the line is in the ledger. Rejects only when `signal` aborts. */
  async run(batch: BatchRecord, line: NumberedLine, signal: AbortSignal): Promise<LoggedLine> {
    const id = `${batch.id}-${line.number}`;
    for (let tries = 1; ; tries++) {
      const logged = await this.#try(id, batch, line, signal, tries === MOST_TRIES);
      if (!("waitMs" in logged)) return logged;
      await this.#wait(logged.waitMs * tries, signal);
    }
  }

  async #try(
    id: string,
    batch: BatchRecord,
    { number, text }: NumberedLine,
    signal: AbortSignal,
    isLast: boolean,
  ): Promise<LoggedLine | { readonly waitMs: number }> {
    const { accounting, answers, clock, log, organisations, owners } = this.#options;
    const customId = JSON.parse(text).custom_id as string;
    const startedAt = clock.now();
    let request: LineRequest | null = null;
    let outcome: openai.LineOutcome;
    let error: ArrieroError | null = null;
    try {
      const { body } = openai.parseBatchLine(text, batch.endpoint);
      const principal = await owners.find(batch.owner);
      request = new LineRequest(id, principal, startedAt, signal);
      request.tally.residency = callerResidency(principal, organisations());
      request.tally.narrow(batch.residency);
      request.tally.narrow(residencyOfBody(body));
      await accounting?.enter(request);
      const answer = await answers.answer(batch.endpoint, body, request);
      outcome = { kind: "answered", status: 200, requestId: id, body: answer };
    } catch (thrown) {
      if (signal.aborted) throw this.#leave(request, signal);
      error = ArrieroError.wrap(thrown);
      const waitMs = (error.body.retryAfter ?? 1) * 1000;
      if (!isLast && PASSING.includes(error.code) && waitMs <= LONGEST_WAIT_MS) return { waitMs };
      const { body, status } = openai.formatError(error);
      outcome = { kind: "answered", status, requestId: id, body };
    }
    if (request !== null) {
      request.error = error;
      request.account?.end(error, clock.now());
      // Billed before it is told: a crash between the two makes the line run again, and its row is there already.
      if (request.account !== null) await this.#atMost(RECORD_MS, request.account.recorded());
      logAccess(log, "BATCH", batch.endpoint, request, error === null ? 200 : error.status, clock.now());
    }
    const tally = request?.tally;
    return {
      line: number,
      ok: error === null,
      record: openai.formatBatchLine(`batch_req_${id.slice("batch_".length)}`, customId, outcome),
      tokens: {
        prompt: tally?.promptTokens ?? 0,
        cached: tally?.cachedTokens ?? 0,
        completion: tally?.completionTokens ?? 0,
        reasoning: tally?.reasoningTokens ?? 0,
      },
    };
  }

  /** A line that is given up bills what was made of it; one that only a stopping server leaves is run again. */
  #leave(request: LineRequest | null, signal: AbortSignal): ArrieroError {
    const reason = ArrieroError.wrap(signal.reason);
    if (reason.code !== "draining") request?.account?.end(reason, this.#options.clock.now());
    return reason;
  }

  #atMost(ms: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      work.then(done, done);
    });
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.#options.clock.after(ms, () => {
        signal.removeEventListener("abort", leave);
        resolve();
      });
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
    });
  }
}

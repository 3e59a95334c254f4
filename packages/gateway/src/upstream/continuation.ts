import type { Clock } from "@arriero/fleet";
import type { GenerationEvent, GenerationRequest } from "@arriero/spec";
import type { GatewayLimits } from "../gateway-limits.ts";
import { GenerationRecord } from "./generation-record.ts";
import { ReplicaBroken } from "./replica-broken.ts";

/** One try to run a request on some replica. `patienceMs` bounds the wait for one; null: as long as loading may take. */
export type Attempt = (request: GenerationRequest, patienceMs: number | null) => AsyncIterable<GenerationEvent>;

export interface ContinuationOptions {
  readonly attempt: Attempt;
  readonly limits: Pick<GatewayLimits, "continueMs" | "continueAttempts" | "continueBreaks">;
  readonly clock: Clock;
  /** A replica was lost; another attempt follows. */
  onBreak?(broken: ReplicaBroken): void;
}

/**
 * The events of a generation, kept whole over the loss of replicas: when an attempt throws ReplicaBroken, the next one
 * resumes behind the tokens already emitted. Gives up with the last break's error when `continueAttempts` breaks came
 * without a new token in between, or no replica took over within `continueMs`, or there were `continueBreaks` in all.
 */
export async function* continueGeneration(
  request: GenerationRequest,
  { attempt, limits, clock, onBreak }: ContinuationOptions,
): AsyncGenerator<GenerationEvent, void, void> {
  const record = new GenerationRecord(request, () => clock.now());
  let breaks = 0;
  let fruitless = 0;
  let brokenAt: number | null = null;
  for (;;) {
    const tokensBefore = record.completionTokens;
    const patienceMs = brokenAt === null ? null : Math.max(0, brokenAt + limits.continueMs - clock.now());
    try {
      for await (const event of attempt(record.nextAttempt(), patienceMs)) {
        const accepted = record.accept(event);
        if (accepted === null) continue;
        yield accepted;
        if (accepted.type === "usage" || accepted.type === "error") return;
      }
      return;
    } catch (thrown) {
      if (!(thrown instanceof ReplicaBroken)) throw thrown;
      const usage = record.lostUsage();
      if (usage !== null) {
        yield usage;
        return;
      }
      const progressed = record.completionTokens > tokensBefore;
      fruitless = progressed ? 1 : fruitless + 1;
      brokenAt = progressed || brokenAt === null ? clock.now() : brokenAt;
      if (++breaks >= limits.continueBreaks || fruitless >= limits.continueAttempts) throw thrown.error;
      if (clock.now() - brokenAt > limits.continueMs) throw thrown.error;
      onBreak?.(thrown);
    }
  }
}

import type { Clock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import type { GatewayLimits } from "../gateway-limits.ts";
import { Avoidance } from "./avoidance.ts";
import { BreakCount } from "./break-count.ts";
import { chooseStrategy, type Strategy } from "./continuation-strategy.ts";
import { Departure } from "./departure.ts";
import { FailedWays } from "./failed-ways.ts";
import { GenerationRecord } from "./generation-record.ts";
import type { Upstream } from "./upstream.ts";
import { AnswerSpoilt, ContinuationMismatch, isRefusalForNow, UpstreamBroken } from "./upstream-broken.ts";

/** An upstream lent for one attempt. */
export interface LentUpstream {
  readonly upstream: Upstream;
  /** The backend's name, of those the configuration names. */
  readonly name?: string | undefined;
  /** Aborted when it will be gone soon: a spot notice, a drain. Its streams move on as soon as somebody can take them. */
  readonly notice?: AbortSignal | undefined;
  release(): void;
}

/**
 * Chooses an upstream for the next attempt. Rejects where there is none within `patienceMs`.
 * @param avoid upstream id -> not before this time (milliseconds since the epoch)
 * @param patienceMs bounds the wait for one; null: as long as loading may take; 0: one that is free now
 */
export type PickUpstream = (avoid: ReadonlyMap<string, number>, patienceMs: number | null) => Promise<LentUpstream>;

export interface ContinuationOptions {
  readonly pick: PickUpstream;
  readonly limits: Pick<GatewayLimits, "continueMs" | "continueAttempts" | "continueBreaks">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What an earlier process had of this answer already, as it was emitted: the first attempt goes on behind it. */
  readonly said?: readonly GenerationEvent[];
  /** An upstream was lost; another attempt follows. */
  onBreak?(broken: UpstreamBroken): void;
  /** A first attempt that was made elsewhere, and did not bring the answer to its end. */
  readonly begun?: BegunGeneration;
  /** Asked before every attempt but the first: false where all requests together have retried enough. */
  mayRetry?(): boolean;
}

/** An attempt under way: what it was lent, what its caller has seen, and how it ended; null: it has not been made. */
export interface BegunGeneration {
  readonly lent: LentUpstream;
  readonly record: GenerationRecord;
  readonly failure: { readonly thrown: unknown } | null;
  /** Lent to go on with it, where it was ended because its upstream is going away. */
  readonly successor?: LentUpstream | null;
}

/**
 * The events of a generation, kept whole over the loss of upstreams: when one breaks, the next takes the answer up where
 * the caller has it, in the surest way that it can (`chooseStrategy`). Every character comes once, and an answer that
 * cannot be taken up ends with an error, never as if it were whole.
 *
 * Gives up with the last break's error when `continueAttempts` breaks came without progress in between, or no upstream
 * took over within `continueMs`, or there were `continueBreaks` in all, or none is left that could go on. Errors of the
 * request itself are thrown at once. An upstream that refuses for now is passed over; where all do, the refusal stands.
 */
export async function* continueGeneration(
  request: GenerationRequest,
  { begun: given, clock, limits, mayRetry = () => true, onBreak, pick, said = [], signal }: ContinuationOptions,
): AsyncGenerator<GenerationEvent, void, void> {
  const record = given?.record ?? new GenerationRecord(request, () => clock.now());
  record.recall(said);
  const avoidance = new Avoidance(() => clock.now());
  const breaks = new BreakCount(limits, clock);
  const failedWays = new FailedWays();
  let refusal: ArrieroError | null = null;
  let successor: LentUpstream | null = null;
  for (let begun = given; ; begun = undefined) {
    const lent: LentUpstream = begun?.lent ?? successor ?? (await pickNext(pick, avoidance, breaks, refusal));
    successor = null;
    const { upstream } = lent;
    const { capabilities } = upstream;
    const isMade = begun?.failure != null;
    const strategy = isMade ? "fresh" : chooseStrategy(record, capabilities, failedWays.of(upstream.id));
    const before = isMade ? 0 : record.completionTokens;
    const departure = new Departure({
      notice: isMade ? undefined : lent.notice,
      caller: signal,
      clock,
      find: () => findSuccessor(pick, new Map([...avoidance.until, [upstream.id, Number.POSITIVE_INFINITY]]), record, failedWays),
    });
    try {
      if (begun?.failure != null) throw begun.failure.thrown;
      if (strategy !== null) {
        for await (const event of upstream.generate(record.nextAttempt(strategy, capabilities.exactResume), departure.signal)) {
          const accepted = record.accept(event);
          if (accepted === null) continue;
          yield accepted;
          if (accepted.type === "usage" || accepted.type === "error") return;
        }
        throw endedEarly();
      }
      avoidance.forGood(upstream.id);
      if (!breaks.pass()) throw breaks.error;
    } catch (thrown) {
      successor = thrown instanceof AnswerSpoilt ? null : (begun?.successor ?? departure.take());
      if (successor !== null) {
        // Each upstream is left once at most: moves need no bound of their own.
        avoidance.forGood(upstream.id);
        const usage = record.lostUsage();
        if (usage !== null) {
          successor.release();
          yield usage;
          return;
        }
        onBreak?.(leaving());
        continue;
      }
      const outcome = judge(thrown, strategy, record.untouched);
      switch (outcome.kind) {
        case "end":
          throw outcome.error;
        case "refused":
          refusal = outcome.error;
          avoidance.forGood(upstream.id);
          if (!breaks.pass() || !mayRetry()) throw refusal;
          break;
        case "broken": {
          const usage = record.lostUsage();
          if (usage !== null) {
            yield usage;
            return;
          }
          if (outcome.wayFailed) failedWays.add(upstream.id, outcome.wayFailed);
          else avoidance.after(upstream.id, outcome.broken.error);
          refusal = null;
          const { broken } = outcome;
          if (!breaks.add(broken.error, record.completionTokens > before) || !mayRetry()) throw broken.error;
          onBreak?.(broken);
          break;
        }
        default:
          outcome satisfies never;
      }
    } finally {
      departure.end();
      lent.release();
    }
  }
}

/** An upstream that ended without usage or error. */
export function endedEarly(): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError("replica_failed", "The events ended before the answer was complete."));
}

/** Somebody free now who can go on with the answer as it stands, and is not going away too. */
export async function findSuccessor(
  pick: PickUpstream,
  avoid: ReadonlyMap<string, number>,
  record: GenerationRecord,
  failedWays: FailedWays,
): Promise<LentUpstream | null> {
  const lent = await pick(avoid, 0);
  const { capabilities, id } = lent.upstream;
  if (lent.notice?.aborted !== true && chooseStrategy(record, capabilities, failedWays.of(id)) !== null) return lent;
  lent.release();
  return null;
}

function leaving(): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError("draining", "The upstream is going away; the answer moves on before it does."));
}

async function pickNext(
  pick: PickUpstream,
  avoidance: Avoidance,
  breaks: BreakCount,
  refusal: ArrieroError | null,
): Promise<LentUpstream> {
  try {
    return await pick(avoidance.until, refusal === null ? breaks.patienceMs : 0);
  } catch (thrown) {
    // Where the configuration is at fault, that nobody is left tells less than why.
    const told = breaks.passed || breaks.error?.code === "backend_misconfigured";
    throw refusal ?? (told ? breaks.error : null) ?? thrown;
  }
}

type Outcome =
  | { readonly kind: "end"; readonly error: unknown }
  | { readonly kind: "refused"; readonly error: ArrieroError }
  /** `wayFailed`: the upstream is well, but cannot take the answer up in this way. */
  | { readonly kind: "broken"; readonly broken: UpstreamBroken; readonly wayFailed: Strategy | null };

function judge(thrown: unknown, strategy: Strategy | null, untouched: boolean): Outcome {
  if (thrown instanceof ContinuationMismatch) return { kind: "broken", broken: thrown, wayFailed: strategy };
  if (thrown instanceof UpstreamBroken) return { kind: "broken", broken: thrown, wayFailed: null };
  const spoilt = thrown instanceof AnswerSpoilt;
  if (!(thrown instanceof ArrieroError) || spoilt || thrown.code === "cancelled") return { kind: "end", error: thrown };
  if (isRefusalForNow(thrown.code)) {
    if (untouched) return { kind: "refused", error: thrown };
    // A begun answer is worth another try in a moment.
    return { kind: "broken", broken: new UpstreamBroken(thrown), wayFailed: null };
  }
  // The request itself was taken when the answer began: what is refused here is our way of going on.
  if (strategy === "prefill" || strategy === "restart") {
    const message = `The answer broke off and cannot be continued: ${thrown.message}`;
    const broken = new UpstreamBroken(new ArrieroError("replica_failed", message, { cause: thrown }));
    return { kind: "broken", broken, wayFailed: strategy };
  }
  return { kind: "end", error: thrown };
}

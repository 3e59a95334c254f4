import type { KvCache } from "../kv/kv-cache.ts";
import { commonLength } from "../kv/prefix-tree.ts";
import type { FairQueue } from "../schedule/fair-queue.ts";
import { choosePaused } from "../schedule/schedule.ts";
import type { Sequence } from "./sequence.ts";

/** A prefix must be this much longer, once another sequence has computed it, to be worth waiting for. */
const WORTH_WAITING = 32;

export interface AdmissionState {
  readonly waiting: FairQueue<Sequence>;
  readonly running: ReadonlyMap<number, Sequence>;
  readonly cache: KvCache;
  readonly maxRunning: number;
  /** Pauses a running sequence, which then waits. */
  readonly pause: (key: number) => void;
}

/**
 * Takes waiting sequences into the running set, in the queue's order, while there are places and cells. Each admitted
 * one gets a lease with the longest prefix the cache knows.
 *
 * A sequence whose prompt shares a prefix with one that is being prefilled right now waits for it: thirty-two
 * requests with one system prompt compute it once.
 */
export function admit(state: AdmissionState): Sequence[] {
  const { waiting, running, cache } = state;
  const admitted: Sequence[] = [];
  const prefilling = [...running.values()].filter((sequence) => sequence.prefillLeft > 0);
  for (const sequence of [...waiting.inOrder()]) {
    if (running.size + admitted.length >= state.maxRunning && !makePlace(state, sequence)) break;
    const tokens = sequence.tokens.view();
    const matched = cache.matchLength(sequence.job.adapter, tokens);
    if (isBeingComputed(tokens, sequence.job.adapter, matched, prefilling)) continue;
    if (!hasRoom(state, admitted, tokens.length - matched, matched) && running.size + admitted.length > 0) break;
    const lease = cache.acquire(sequence.job.adapter, tokens);
    if (lease === null) break;
    waiting.remove(sequence);
    sequence.lease = lease;
    admitted.push(sequence);
    if (sequence.prefillLeft > 0) prefilling.push(sequence);
  }
  return admitted;
}

/** A more urgent request takes the place of a less urgent one. */
function makePlace(state: AdmissionState, sequence: Sequence): boolean {
  const views = [...state.running.values()].map((running) => ({
    key: running.key,
    priority: running.priority,
    adapter: running.job.adapter,
    prefillLeft: running.prefillLeft,
    admitted: running.admitted,
  }));
  const victim = choosePaused(views, sequence.priority);
  if (victim === null) return false;
  state.pause(victim);
  return true;
}

function isBeingComputed(tokens: Int32Array, adapter: string, matched: number, prefilling: readonly Sequence[]): boolean {
  return prefilling.some((other) => {
    if (other.job.adapter !== adapter) return false;
    const theirs = other.tokens.view();
    return commonLength(tokens, 0, theirs, 0, tokens.length - 1) >= matched + WORTH_WAITING;
  });
}

/** Whether a sequence's missing cells fit beside what the running ones still have to compute, plus a token each. */
function hasRoom(state: AdmissionState, admitted: readonly Sequence[], missing: number, matched: number): boolean {
  const { used, cached, total } = state.cache.usage();
  let promised = 0;
  for (const sequence of [...state.running.values(), ...admitted]) promised += sequence.pending + 1;
  // The matched prefix may itself be counted as evictable; once shared it no longer is.
  const available = total - used + Math.max(0, cached - matched);
  return missing + 1 <= available - promised;
}

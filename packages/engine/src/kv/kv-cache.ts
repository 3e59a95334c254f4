import type { Runner } from "../runner/runner.ts";
import type { Cut, SequenceId } from "./prefix-tree.ts";
import { PrefixTree } from "./prefix-tree.ts";

/** A running sequence's hold on the cache. */
export interface Lease {
  readonly sequence: SequenceId;
  readonly adapter: string;
  /** Prompt tokens taken from the tree. */
  readonly cachedTokens: number;
  /** Positions computed, from 0. Beyond what the tree holds they are the lease's own tail. */
  computed: number;
}

export interface KvUsage {
  readonly used: number;
  /** Of those, held by resting sequences only. */
  readonly cached: number;
  readonly total: number;
}

/**
 * Keeps the prefix tree and the runner's memory in step: every cell the runner holds is an edge token of the tree or
 * in the tail of a lease. Sequence ids are taken from a fixed set and given back.
 */
export class KvCache {
  readonly #runner: Runner;
  readonly #tree = new PrefixTree();
  readonly #free: SequenceId[];
  readonly #leases = new Set<Lease>();

  constructor(runner: Runner) {
    this.#runner = runner;
    this.#free = Array.from({ length: runner.limits.sequences }, (_, i) => runner.limits.sequences - 1 - i);
  }

  usage(): KvUsage {
    return { used: this.#used(), cached: this.#tree.evictableCells(), total: this.#runner.limits.cells };
  }

  /** Tokens of `tokens` that a lease would get without computing. The last one is always computed, for its logits. */
  matchLength(adapter: string, tokens: Int32Array): number {
    return this.#runner.sharesPrefixes ? this.#tree.match(adapter, tokens, tokens.length - 1).length : 0;
  }

  /** A sequence with the longest known prefix of `tokens` in place. Null where every id is running. */
  acquire(adapter: string, tokens: Int32Array): Lease | null {
    const sequence = this.#acquireId();
    if (sequence === null) return null;
    let length = 0;
    if (this.#runner.sharesPrefixes) {
      const match = this.#tree.match(adapter, tokens, tokens.length - 1);
      if (match.holder !== null) {
        length = match.length;
        this.#runner.share(match.holder, sequence, 0, length);
        this.#tree.hold(sequence, adapter, tokens, length, length);
      }
    }
    const lease: Lease = { sequence, adapter, cachedTokens: length, computed: length };
    this.#leases.add(lease);
    return lease;
  }

  /** Makes room for `cells` more by cutting resting sequences. False where even that is not enough. */
  reserve(cells: number): boolean {
    const free = this.#runner.limits.cells - this.#used();
    if (free >= cells) return true;
    this.#apply(this.#tree.evict(cells - free).cuts);
    return this.#runner.limits.cells - this.#used() >= cells;
  }

  /** Puts what a lease computed into the tree, for others to share while it runs on. */
  publish(lease: Lease, tokens: Int32Array): void {
    if (!this.#runner.sharesPrefixes || lease.computed === 0) return;
    const known = this.#tree.heldLength(lease.sequence);
    for (const range of this.#tree.hold(lease.sequence, lease.adapter, tokens, lease.computed, known)) {
      // Two sequences computed the same tokens side by side: keep the first one's cells.
      this.#runner.forget(lease.sequence, range.from, range.to);
      this.#runner.share(range.holder, lease.sequence, range.from, range.to);
    }
  }

  /** The sequence ends or pauses; what it computed stays as cache. */
  rest(lease: Lease, tokens: Int32Array): void {
    if (!this.#runner.sharesPrefixes || lease.computed === 0) {
      this.discard(lease);
      return;
    }
    this.publish(lease, tokens);
    this.#leases.delete(lease);
    for (const redundant of this.#tree.rest(lease.sequence)) this.#release(redundant);
  }

  /** The sequence ends and leaves nothing behind. */
  discard(lease: Lease): void {
    if (!this.#leases.delete(lease)) return;
    this.#tree.drop(lease.sequence);
    this.#release(lease.sequence);
  }

  /** Resting sequences with their tokens, most recently used first. */
  resting(): { readonly sequence: SequenceId; readonly adapter: string; readonly tokens: Int32Array }[] {
    return this.#tree
      .resting()
      .reverse()
      .map((sequence) => ({ sequence, adapter: this.#tree.rootOf(sequence) ?? "", tokens: this.#tree.tokensOf(sequence) }));
  }

  /** Takes up a sequence from a snapshot file. False where it does not fit. */
  restore(adapter: string, path: string): boolean {
    const sequence = this.#free.pop();
    if (sequence === undefined) return false;
    const tokens = this.#runner.load(path, sequence);
    if (tokens === null || this.#used() + tokens.length > this.#runner.limits.cells) {
      this.#release(sequence);
      return false;
    }
    const lease: Lease = { sequence, adapter, cachedTokens: 0, computed: tokens.length };
    this.#leases.add(lease);
    this.rest(lease, tokens);
    return true;
  }

  /** For tests: ids that are neither free nor known to the tree or a lease. Always empty. */
  leakedSequences(): SequenceId[] {
    const owned = new Set([...this.#free, ...this.#tree.resting(), ...[...this.#leases].map((lease) => lease.sequence)]);
    return Array.from({ length: this.#runner.limits.sequences }, (_, id) => id).filter((id) => !owned.has(id));
  }

  #used(): number {
    let cells = this.#tree.cells;
    for (const lease of this.#leases) cells += lease.computed - this.#tree.heldLength(lease.sequence);
    return cells;
  }

  #acquireId(): SequenceId | null {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const cut = this.#tree.evictSequence();
    if (cut === null) return null;
    this.#apply([cut]);
    return this.#free.pop() ?? null;
  }

  #apply(cuts: readonly Cut[]): void {
    for (const { sequence, length } of cuts) {
      if (length === 0) this.#release(sequence);
      else this.#runner.forget(sequence, length, null);
    }
  }

  #release(sequence: SequenceId): void {
    this.#runner.forget(sequence, 0, null);
    this.#free.push(sequence);
  }
}

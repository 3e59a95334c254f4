import type { Runner } from "../runner/runner.ts";
import type { ParkedPrefix } from "./parked-prefixes.ts";
import { ParkedPrefixes } from "./parked-prefixes.ts";
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
  /** Tokens parked outside of the cells. */
  readonly parked: number;
}

/** A parked prefix must be this much longer than what the tree has, to be worth bringing back. */
const WORTH_RECALLING = 32;
/** A sequence is parked whole; where less than a fourth of it is its own, its cells are better left or cut. */
const LEAST_OWN_SHARE = 4;

/**
 * Keeps the prefix tree and the runner's memory in step: every cell the runner holds is an edge token of the tree or
 * in the tail of a lease. Sequence ids are taken from a fixed set and given back.
 */
export class KvCache {
  readonly #runner: Runner;
  readonly #tree = new PrefixTree();
  readonly #free: SequenceId[];
  readonly #leases = new Set<Lease>();
  readonly #parked: ParkedPrefixes;

  /** @param parkedBytes memory that prefixes may take outside of the cells; 0: what is cut is lost */
  constructor(runner: Runner, parkedBytes = 0) {
    this.#runner = runner;
    this.#parked = new ParkedPrefixes(parkedBytes);
    this.#free = Array.from({ length: runner.limits.sequences }, (_, i) => runner.limits.sequences - 1 - i);
  }

  usage(): KvUsage {
    return {
      used: this.#used(),
      cached: this.#tree.evictableCells(),
      total: this.#runner.limits.cells,
      parked: this.#parked.tokens,
    };
  }

  /** Tokens of `tokens` that a lease would get without computing. The last one is always computed, for its logits. */
  matchLength(adapter: string, tokens: Int32Array): number {
    return this.#runner.sharesPrefixes ? this.#tree.match(adapter, tokens, tokens.length - 1).length : 0;
  }

  /** The same with what is parked, which a copy brings back. */
  heldTokens(adapter: string, tokens: Int32Array): number {
    return Math.max(this.matchLength(adapter, tokens), this.#parked.best(adapter, tokens, tokens.length - 1)?.length ?? 0);
  }

  /**
   * Parks the least recently used resting sequence, if more than `cells` rest. At most one a call: a copy takes
   * milliseconds, and streams wait for it.
   */
  parkBeyond(cells: number): void {
    if (!this.#parked.takes(1) || this.#tree.evictableCells() <= cells) return;
    const sequence = this.#nextToPark();
    if (sequence !== null) this.#park(sequence);
  }

  /** A sequence with the longest known prefix of `tokens` in place. Null where every id is running. */
  acquire(adapter: string, tokens: Int32Array): Lease | null {
    const sequence = this.#acquireId();
    if (sequence === null) return null;
    const recalled = this.#recall(sequence, adapter, tokens);
    if (recalled !== null) return recalled;
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

  /**
   * Makes room for `cells` more by cutting resting sequences. False where even that is not enough.
   *
   * @param rest cells that may be left unfilled in the pages that are begun
   */
  reserve(cells: number, rest = 0): boolean {
    while (this.#freeCells(rest) < cells && this.#parked.takes(1)) {
      const sequence = this.#nextToPark();
      if (sequence === null || !this.#park(sequence)) break;
    }
    // A cut gives back fewer cells than it names where they are part of a page: then some more are cut.
    for (let missing = cells - this.#freeCells(rest); missing > 0; missing = cells - this.#freeCells(rest)) {
      const { cuts } = this.#tree.evict(missing);
      if (cuts.length === 0) return false;
      this.#apply(cuts);
    }
    return true;
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

  /** What rests in the cells, then what is parked, each most recently used first. Cells are copied as they are asked for. */
  *idle(): Generator<ParkedPrefix> {
    for (const sequence of this.#tree.resting().reverse()) {
      const prefix = this.#copy(sequence);
      if (prefix !== null) yield prefix;
    }
    yield* this.#parked.all();
  }

  /** Takes up a prefix of a snapshot: into the cells where it fits, else parked. False where it fits nowhere. */
  restore({ adapter, cells, tokens }: ParkedPrefix): boolean {
    // What was restored before is older: it is parked to make room.
    const fits = tokens.length <= this.#runner.limits.cells && this.reserve(tokens.length);
    const sequence = fits ? this.#acquireId() : null;
    if (sequence === null || !this.#runner.write(sequence, cells)) {
      if (sequence !== null) this.#release(sequence);
      this.#parked.put({ adapter, cells, tokens });
      return this.#parked.takes(cells.length);
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

  /** A lease on a parked prefix, where it beats what the tree has. The prefix leaves the parking: it rests as cache later. */
  #recall(sequence: SequenceId, adapter: string, tokens: Int32Array): Lease | null {
    const known = this.matchLength(adapter, tokens);
    const best = this.#parked.best(adapter, tokens, tokens.length - 1);
    if (best === null || best.length < known + WORTH_RECALLING) return null;
    const { length, prefix } = best;
    const whole = prefix.tokens.length;
    // It comes back whole, if only for a moment.
    if (length * LEAST_OWN_SHARE < whole || !this.#couldHold(whole) || !this.reserve(whole)) return null;
    if (!this.#runner.write(sequence, prefix.cells)) {
      this.#runner.forget(sequence, 0, null);
      return null;
    }
    // Whoever continues it parks a longer one later; whoever only shares its beginning leaves it for its owner.
    if (length >= whole - WORTH_RECALLING) this.#parked.remove(prefix);
    if (length < prefix.tokens.length) this.#runner.forget(sequence, length, null);
    const lease: Lease = { sequence, adapter, cachedTokens: length, computed: length };
    this.#leases.add(lease);
    this.publish(lease, tokens);
    return lease;
  }

  /** The least recently used resting sequence that frees a fair share of what its copy takes. */
  #nextToPark(): SequenceId | null {
    const worthwhile = (sequence: SequenceId) =>
      this.#tree.ownLength(sequence) * LEAST_OWN_SHARE >= this.#tree.heldLength(sequence) &&
      this.#parked.takes(this.#runner.size(sequence));
    return this.#tree.resting().find(worthwhile) ?? null;
  }

  /** Whether so many cells can be had by giving up everything that rests. */
  #couldHold(cells: number): boolean {
    return this.#freeCells(0) + this.#tree.evictableCells() >= cells;
  }

  /** Moves a resting sequence out of the cells. False where it cannot be copied: it stays. */
  #park(sequence: SequenceId): boolean {
    const prefix = this.#copy(sequence);
    if (prefix === null) return false;
    this.#parked.put(prefix);
    this.#tree.drop(sequence);
    this.#release(sequence);
    return true;
  }

  #copy(sequence: SequenceId): ParkedPrefix | null {
    const cells = this.#runner.read(sequence);
    if (cells === null) return null;
    return { adapter: this.#tree.rootOf(sequence) ?? "", tokens: this.#tree.tokensOf(sequence), cells };
  }

  #freeCells(rest: number): number {
    return Math.min(this.#runner.limits.cells - this.#used(), this.#runner.freeCells() - rest);
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

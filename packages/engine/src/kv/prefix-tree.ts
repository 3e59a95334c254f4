/**
 * Radix tree over token ids, one root per adapter. It knows which sequence holds which prefix, so that a request
 * shares the KV cells of the longest prefix any other request computed (RadixAttention, Zheng et al. 2024).
 *
 * A sequence *holds* a path from a root; it always ends at the end of an edge. An edge lives while a sequence holds
 * it, and each of its tokens stands for one KV cell. Running sequences are pinned; resting ones are cache and may be
 * cut from their ends, least recently used first.
 */

export type SequenceId = number;

interface Node {
  parent: Node | null;
  /** Token ids of the edge that leads here; empty at a root only. */
  edge: Int32Array;
  /** Tokens from the root to the end of this edge. */
  depth: number;
  readonly children: Map<number, Node>;
  readonly holders: Set<SequenceId>;
}

interface Holding {
  readonly root: string;
  end: Node;
  pinned: boolean;
  lastUsed: number;
}

export interface PrefixMatch {
  readonly length: number;
  /** A sequence that holds at least these tokens; null where nothing matched. */
  readonly holder: SequenceId | null;
}

/** Positions [from, to) that `sequence` computed though `holder` already held them: share them and free the double. */
export interface SharedRange {
  readonly from: number;
  readonly to: number;
  readonly holder: SequenceId;
}

/** `sequence` now ends at `length` tokens: forget what lies behind. At 0 the sequence is gone from the tree. */
export interface Cut {
  readonly sequence: SequenceId;
  readonly length: number;
}

const EMPTY = new Int32Array(0);

export class PrefixTree {
  readonly #roots = new Map<string, Node>();
  readonly #holdings = new Map<SequenceId, Holding>();
  #cells = 0;
  #clock = 0;

  /** Cells that the tree's edges stand for. */
  get cells(): number {
    return this.#cells;
  }

  /** Sequences that rest as cache, least recently used first. */
  resting(): SequenceId[] {
    return [...this.#holdings]
      .filter(([, holding]) => !holding.pinned)
      .sort(([, a], [, b]) => a.lastUsed - b.lastUsed)
      .map(([sequence]) => sequence);
  }

  /** Cells that cutting every resting sequence would free. */
  evictableCells(): number {
    const seen = new Set<Node>();
    let cells = 0;
    for (const holding of this.#holdings.values()) {
      if (holding.pinned) continue;
      for (let node: Node | null = holding.end; node?.parent && !seen.has(node); node = node.parent) {
        seen.add(node);
        if (!this.#isPinned(node)) cells += node.edge.length;
      }
    }
    return cells;
  }

  has(sequence: SequenceId): boolean {
    return this.#holdings.has(sequence);
  }

  /** Tokens that a sequence holds, 0 where it holds none. */
  heldLength(sequence: SequenceId): number {
    return this.#holdings.get(sequence)?.end.depth ?? 0;
  }

  /** Tokens that nobody else holds: what dropping the sequence would free. */
  ownLength(sequence: SequenceId): number {
    let own = 0;
    for (let node = this.#holdings.get(sequence)?.end ?? null; node?.parent && node.holders.size === 1; node = node.parent)
      own += node.edge.length;
    return own;
  }

  /** The root under which a sequence holds its path. */
  rootOf(sequence: SequenceId): string | null {
    return this.#holdings.get(sequence)?.root ?? null;
  }

  /** The token ids a sequence holds, from the root. */
  tokensOf(sequence: SequenceId): Int32Array {
    const end = this.#holdings.get(sequence)?.end;
    const tokens = new Int32Array(end?.depth ?? 0);
    for (let node = end ?? null; node?.parent; node = node.parent) tokens.set(node.edge, node.depth - node.edge.length);
    return tokens;
  }

  /** The longest held prefix of `tokens`, at most `limit` tokens. */
  match(root: string, tokens: Int32Array, limit: number): PrefixMatch {
    let node = this.#roots.get(root);
    let length = 0;
    let holder: SequenceId | null = null;
    const bound = Math.min(limit, tokens.length);
    while (node !== undefined && length < bound) {
      const child: Node | undefined = node.children.get(tokens[length] as number);
      if (child === undefined) break;
      const common = commonLength(child.edge, 0, tokens, length, bound - length);
      length += common;
      holder = anyOf(child.holders);
      if (common < child.edge.length) break;
      node = child;
    }
    return length === 0 ? { length: 0, holder: null } : { length, holder };
  }

  /**
   * Lets a sequence hold the first `length` of `tokens`, pinned. Grows what it already holds.
   *
   * @param known tokens the sequence shares by copy, or already holds: below it nothing can be a double.
   * @returns ranges beyond `known` that were in the tree before: the caller shares the holder's cells instead.
   */
  hold(sequence: SequenceId, root: string, tokens: Int32Array, length: number, known: number): SharedRange[] {
    const shared: SharedRange[] = [];
    let node = this.#root(root);
    while (node.depth < length) {
      const at = node.depth;
      let child = node.children.get(tokens[at] as number);
      if (child === undefined) {
        child = { parent: node, edge: tokens.slice(at, length), depth: length, children: new Map(), holders: new Set() };
        node.children.set(tokens[at] as number, child);
        this.#cells += child.edge.length;
      } else {
        const common = commonLength(child.edge, 0, tokens, at, length - at);
        if (common < child.edge.length) child = this.#split(child, common);
        const holder = anyOf(child.holders, sequence);
        const from = Math.max(at, known);
        if (holder !== null && !child.holders.has(sequence) && from < child.depth) shared.push({ from, to: child.depth, holder });
      }
      child.holders.add(sequence);
      node = child;
    }
    this.#holdings.set(sequence, { root, end: node, pinned: true, lastUsed: ++this.#clock });
    return shared;
  }

  /**
   * A pinned sequence comes to rest as cache.
   *
   * @returns sequences that hold nothing of their own any more: their ids are free.
   */
  rest(sequence: SequenceId): SequenceId[] {
    const holding = this.#holdings.get(sequence);
    if (holding === undefined) return [];
    holding.pinned = false;
    holding.lastUsed = ++this.#clock;
    return this.#dropRedundant(holding.end);
  }

  /** Forgets a sequence, pinned or not. The caller frees its cells. */
  drop(sequence: SequenceId): void {
    const holding = this.#holdings.get(sequence);
    if (holding === undefined) return;
    this.#holdings.delete(sequence);
    for (let node: Node | null = holding.end; node?.parent; ) {
      const parent: Node = node.parent;
      node.holders.delete(sequence);
      if (node.holders.size === 0) this.#unlink(node);
      node = parent;
    }
  }

  /** Cuts resting sequences from their ends, least recently used first, until `cells` are free or none is left. */
  evict(cells: number): { readonly freed: number; readonly cuts: readonly Cut[] } {
    const cuts = new Map<SequenceId, number>();
    let freed = 0;
    while (freed < cells) {
      const leaf = this.#leastRecentLeaf();
      if (leaf === null) break;
      const take = Math.min(leaf.edge.length, cells - freed);
      freed += take;
      this.#cells -= take;
      const holders = [...leaf.holders];
      if (take < leaf.edge.length) {
        leaf.edge = leaf.edge.slice(0, leaf.edge.length - take);
        leaf.depth -= take;
        for (const holder of holders) cuts.set(holder, leaf.depth);
        continue;
      }
      const parent = leaf.parent as Node;
      this.#detach(leaf);
      for (const holder of holders) {
        const holding = this.#holdings.get(holder) as Holding;
        holding.end = parent;
        cuts.set(holder, parent.depth);
        if (parent.parent === null) this.#holdings.delete(holder);
      }
      for (const redundant of this.#dropRedundant(parent)) cuts.set(redundant, 0);
    }
    return { freed, cuts: [...cuts].map(([sequence, length]) => ({ sequence, length })) };
  }

  /** The least recently used resting sequence leaves whole, to free its id. Null where none rests. */
  evictSequence(): Cut | null {
    const [sequence] = this.resting();
    if (sequence === undefined) return null;
    this.drop(sequence);
    return { sequence, length: 0 };
  }

  #root(name: string): Node {
    let root = this.#roots.get(name);
    if (root === undefined) {
      root = { parent: null, edge: EMPTY, depth: 0, children: new Map(), holders: new Set() };
      this.#roots.set(name, root);
    }
    return root;
  }

  /** Cuts an edge after `length` tokens; returns the upper half, which keeps the holders. */
  #split(node: Node, length: number): Node {
    const parent = node.parent as Node;
    const upper: Node = {
      parent,
      edge: node.edge.slice(0, length),
      depth: parent.depth + length,
      children: new Map(),
      holders: new Set(node.holders),
    };
    parent.children.set(upper.edge[0] as number, upper);
    node.parent = upper;
    node.edge = node.edge.slice(length);
    upper.children.set(node.edge[0] as number, node);
    return upper;
  }

  #isPinned(node: Node): boolean {
    for (const holder of node.holders) if (this.#holdings.get(holder)?.pinned) return true;
    return false;
  }

  /** Resting sequences that end where another sequence passes or ends: they cache nothing that the other does not. */
  #dropRedundant(node: Node): SequenceId[] {
    if (node.parent === null) return [];
    const dropped: SequenceId[] = [];
    const candidates = [...node.holders]
      .map((sequence) => ({ sequence, holding: this.#holdings.get(sequence) as Holding }))
      .filter(({ holding }) => holding.end === node && !holding.pinned)
      .sort((a, b) => a.holding.lastUsed - b.holding.lastUsed);
    for (const { sequence, holding } of candidates) {
      if (node.holders.size === 1) break;
      // The one that stays inherits the recency, so that use of either keeps the prefix warm.
      for (const other of node.holders) {
        const kept = this.#holdings.get(other) as Holding;
        kept.lastUsed = Math.max(kept.lastUsed, holding.lastUsed);
      }
      this.drop(sequence);
      dropped.push(sequence);
    }
    return dropped;
  }

  #leastRecentLeaf(): Node | null {
    let oldest: Holding | null = null;
    for (const holding of this.#holdings.values()) {
      if (holding.pinned || holding.end.children.size > 0 || this.#isPinned(holding.end)) continue;
      if (oldest === null || holding.lastUsed < oldest.lastUsed) oldest = holding;
    }
    return oldest === null ? null : oldest.end;
  }

  #unlink(node: Node): void {
    this.#cells -= node.edge.length;
    this.#detach(node);
  }

  #detach(node: Node): void {
    const parent = node.parent as Node;
    parent.children.delete(node.edge[0] as number);
    node.parent = null;
  }
}

function anyOf(holders: ReadonlySet<SequenceId>, except?: SequenceId): SequenceId | null {
  for (const holder of holders) if (holder !== except) return holder;
  return null;
}

/** Length of the common run of `a` from `aFrom` and `b` from `bFrom`, at most `limit`. */
export function commonLength(a: Int32Array, aFrom: number, b: Int32Array, bFrom: number, limit: number): number {
  const bound = Math.min(limit, a.length - aFrom, b.length - bFrom);
  let length = 0;
  while (length < bound && a[aFrom + length] === b[bFrom + length]) length++;
  return length;
}

/** A loaded model at the moment of choosing. */
export interface LoadedSnapshot {
  readonly name: string;
  readonly lastUsedAt: number;
  /** Requests it works on now. */
  readonly outstanding: number;
}

export type EvictionDecision =
  | { readonly kind: "fits" }
  | { readonly kind: "evict"; readonly name: string }
  | { readonly kind: "all-busy" };

/** Makes room for one more model under `maxLoaded`: the least recently used idle one goes. A busy model never does. */
export function decideEviction(loaded: readonly LoadedSnapshot[], maxLoaded: number): EvictionDecision {
  if (loaded.length < maxLoaded) return { kind: "fits" };
  const [oldest] = loaded.filter((model) => model.outstanding === 0).sort((a, b) => a.lastUsedAt - b.lastUsedAt);
  return oldest === undefined ? { kind: "all-busy" } : { kind: "evict", name: oldest.name };
}

import { affinityCosts } from "./affinity.ts";
import type { Scorer } from "./scorer.ts";

/** Who has the adapter loaded, before who would have to load it. */
export const adapterAffinity: Scorer = (candidates, { adapter }) =>
  affinityCosts(candidates, ({ adapters }) => (adapter !== null && adapters.includes(adapter) ? 1 : 0));

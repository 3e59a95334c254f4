import type { BackendSnapshot } from "../backend-snapshot.ts";
import { unitDraw } from "../unit-draw.ts";
import type { Scorer } from "./scorer.ts";
import { capacity } from "./work.ts";

/** The wait to expect: latency for each request in line. A backend never seen costs nothing: it gets to be seen. */
const expectedMs = (candidate: BackendSnapshot): number =>
  ((candidate.firstTokenMs ?? 0) * (candidate.outstanding.requests + 1)) / capacity(candidate);

/**
 * Two are drawn, the one with the shorter wait is better. Of all candidates the best would be chosen by every gateway at
 * once; of two drawn ones it is not (Mitzenmacher, "The power of two choices in randomized load balancing").
 */
export const powerOfTwo: Scorer = (candidates, _request, { draw }) => {
  const first = Math.floor(unitDraw(draw, "first") * candidates.length);
  const step = 1 + Math.floor(unitDraw(draw, "second") * (candidates.length - 1));
  const second = (first + step) % candidates.length;
  return candidates.map((candidate, index) => (index === first || index === second ? expectedMs(candidate) : null));
};

import { unitDraw } from "../unit-draw.ts";
import type { Scorer } from "./scorer.ts";
import { capacity } from "./work.ts";

/**
 * A draw in which each is first with a chance proportional to its capacity: an exponential variable of that rate, the
 * least of which wins (Efraimidis and Spirakis, "Weighted random sampling with a reservoir").
 */
export const weights: Scorer = (candidates, _request, { draw }) =>
  candidates.map((candidate) => -Math.log(unitDraw(draw, candidate.backend.id)) / capacity(candidate));

import type { BackendDescription, Hardware, PriorityClass, Purchase } from "@arriero/spec";
import type { Scorer } from "./scorer.ts";

type Ranks = {
  readonly hardware: Readonly<Record<Hardware | "unknown", number>>;
  readonly purchase: Readonly<Record<Purchase, number>>;
};

const NONE: Ranks = { hardware: { lpu: 0, tpu: 0, gpu: 0, cpu: 0, unknown: 0 }, purchase: { "on-demand": 0, spot: 0 } };

/** 0 is first choice. Hardware decides before purchase. */
const RANKS: Readonly<Record<PriorityClass, Ranks>> = {
  // Fast first, and nothing that may be taken away in the middle.
  realtime: { hardware: { lpu: 0, tpu: 1, gpu: 2, unknown: 3, cpu: 4 }, purchase: { "on-demand": 0, spot: 1 } },
  interactive: NONE,
  // What is cheap and idle first; fast hardware is left to those who wait for it.
  batch: { hardware: { cpu: 0, unknown: 1, gpu: 2, tpu: 3, lpu: 4 }, purchase: { spot: 0, "on-demand": 1 } },
};

const PURCHASES = 2;

const rank = ({ hardware, purchase }: BackendDescription, ranks: Ranks): number =>
  ranks.hardware[hardware ?? "unknown"] * PURCHASES + ranks.purchase[purchase];

/** How far a backend is from what the request's class prefers. A preference: where nothing better is allowed, all will do. */
export const classPreference: Scorer = (candidates, request) => {
  const ranks = RANKS[request.class];
  return candidates.map(({ backend }) => rank(backend, ranks));
};

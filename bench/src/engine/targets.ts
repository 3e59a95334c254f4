import type { Targets } from "../report/metric.ts";

export const ENGINE_TARGETS: Targets = {
  "decode.1": { atLeast: 1.1 },
  "decode.32": { atLeast: 1.15 },
  "ttft.shared-prefix": { atMost: 0.2 },
  "gap.worst": { atMost: 0.25 },
  "ttft.turn-30": { atMost: 1.2 },
  "rss.peak": { atMost: 1.2 },
};

/** The metrics that `--json` prints; the rest is in the results file and the table. */
export const ENGINE_PUBLISHED: ReadonlySet<string> = new Set([
  ...["decode.1", "decode.8", "decode.32", "ttft.shared-prefix", "gap.worst"],
  ...["ttft.turn-10", "ttft.turn-30", "cold.first-token", "rss.peak"],
]);

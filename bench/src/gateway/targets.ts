import type { Targets } from "../report/metric.ts";

export const GATEWAY_TARGETS: Targets = {
  "rps.portkey": { atLeast: 10 },
  "p99.portkey": { atMost: 0.2 },
  "rps.nginx": { atLeast: 0.4 },
  "sse.512.stalls": { oursAtMost: 0 },
  "sse.2000.stalls": { oursAtMost: 0 },
};

/** The metrics that `--json` prints; the rest is in the results file and the table. */
export const GATEWAY_PUBLISHED: readonly string[] = [
  ...["rps.portkey", "p99.portkey", "rps.nginx", "rps.undici", "added.p50", "added.p99"],
  ...["sse.512.stalls", "sse.2000.stalls", "sse.2000.rss"],
];

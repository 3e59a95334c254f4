import type { Targets } from "../report/metric.ts";

/** One frame of a screen that shows sixty a second. */
export const FRAME_MS = 1000 / 60;

export const CHAT_TARGETS: Targets = {
  "open.click": { oursAtMost: 300 },
  "open.load": { oursAtMost: 300 },
  "typing.frame.p99": { oursAtMost: 16 },
  "typing.frame.worst": { oursAtMost: 16 },
  "memory.heap": { atMost: 1.1 },
};

/** How a server can fail its caller, each by its name. */
export const FAULTS = [
  "refuse connection",
  "reset before headers",
  "429 with Retry-After",
  "429 without Retry-After",
  "500",
  "503",
  "hang before headers",
  "slow first byte",
  "cut mid-stream",
  "cut mid-frame",
  "stall mid-stream",
  "malformed chunk",
  "duplicated chunk",
  "finish out of order",
  "error event in the stream",
  "empty stream",
  "missing finish and end",
  "wrong content type",
  "invalid UTF-8",
  "rejects prefill",
] as const;

export type Fault = (typeof FAULTS)[number];

const WAITS: readonly Fault[] = ["hang before headers", "slow first byte", "stall mid-stream"];

/** How long to wait for a server with this fault: only where waiting is all that finds it out, not long. */
export function patienceMs(fault: Fault | null): number {
  return fault !== null && WAITS.includes(fault) ? 200 : 5_000;
}

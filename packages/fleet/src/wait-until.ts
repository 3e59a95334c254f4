import { ArrieroError } from "@arriero/spec";
import type { Clock } from "./clock.ts";

/**
 * Resolves as soon as `holds` after a change, or when `timeoutMs` is over, whichever is first: the caller looks again.
 * Rejects with `cancelled` when the signal aborts.
 */
export function waitUntil(
  holds: () => boolean,
  subscribe: (listener: () => void) => () => void,
  clock: Clock,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): ArrieroError => new ArrieroError("cancelled", "The caller gave up waiting for a replica.");
    if (signal?.aborted) return reject(cancelled());
    if (holds() || timeoutMs <= 0) return resolve();
    const end = (): void => {
      unsubscribe();
      cancelTimer();
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      end();
      reject(cancelled());
    };
    const unsubscribe = subscribe(() => {
      if (!holds()) return;
      end();
      resolve();
    });
    const cancelTimer = clock.after(timeoutMs, () => {
      end();
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

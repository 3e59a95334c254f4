import type { page } from "@arriero/spec";

/** A minute, one moment a second. */
const MOMENTS = 60;

export interface ReplicaMoment {
  readonly at: number;
  readonly generated: number | null;
  /** Tokens a second since the moment before; null for the first. */
  readonly rate: number | null;
  readonly kvUsed: number;
}

export type History = ReadonlyMap<string, readonly ReplicaMoment[]>;

/** What each replica did, with one more moment. Replicas that are gone are forgotten; a restarted counter begins at zero. */
export function remember(history: History, at: number, replicas: readonly page.PageReplica[]): History {
  return new Map(
    replicas.map((replica) => {
      const before = history.get(replica.id) ?? [];
      const last = before.at(-1);
      const generated = replica.tokens?.generated ?? null;
      const passed = last ? (at - last.at) / 1000 : 0;
      const more = generated !== null && last?.generated != null ? generated - last.generated : null;
      const rate = more === null || passed <= 0 ? null : Math.max(0, more) / passed;
      const moment = { at, generated, rate, kvUsed: replica.kvCells?.used ?? 0 };
      return [replica.id, [...before, moment].slice(-MOMENTS)];
    }),
  );
}

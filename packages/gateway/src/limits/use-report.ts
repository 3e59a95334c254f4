import type { KeyBudget } from "@arriero/store";

/** What one gateway tells the others of a key: what was used since it told last, and under which limits. */
export interface UseReport {
  /** null: the key has no such limit. */
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly requests: number;
  readonly tokens: number;
  /** UTC, `2026-11-21`; null: nobody limits what is used in a day. */
  readonly day: string | null;
  /** What the key's budget counts by, `2026-11-21` or `2026-11`; null: it has none. */
  readonly period: string | null;
  /** Millionths. */
  readonly micros: number;
}

/** How a key stands with what all gateways told. */
export interface UseStanding {
  /** Levels of the buckets; they may be below 0. */
  readonly requests: number;
  readonly tokens: number;
  readonly tokensToday: number;
  /** Of the period of the report, in millionths. */
  readonly micros: number;
}

/** Brings what is used here to other gateways, and theirs here. */
export interface UseSharing {
  /** The key was used here: soon it is asked for its report, and then told how it stands. */
  noted(keyId: string, use: SharedUse): void;
}

export interface SharedUse {
  report(): UseReport;
  /** null: nobody took the report, and nobody will. */
  heard(standing: UseStanding | null): void;
}

export function periodOf(period: KeyBudget["period"], now: number): string {
  const date = new Date(now).toISOString();
  switch (period) {
    case "day":
      return date.slice(0, 10);
    case "month":
      return date.slice(0, 7);
    default:
      return period satisfies never;
  }
}

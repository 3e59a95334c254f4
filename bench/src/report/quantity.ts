import type { Unit } from "../scenarios/scenario.ts";

/** A value as a person reads it, with its unit. */
export function quantity(value: number | null, unit: Unit): string {
  if (value === null) return "-";
  switch (unit) {
    case "tok/s":
      return `${value.toFixed(1)} tok/s`;
    case "req/s":
      return `${value.toFixed(0)} req/s`;
    case "count":
      return value.toFixed(0);
    case "ms":
      return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 100 ? 1 : 0)} ms`;
    case "bytes":
      return Math.abs(value) >= 1e8 ? `${(value / 1e9).toFixed(2)} GB` : `${(value / 1e6).toFixed(2)} MB`;
    default:
      return unit satisfies never;
  }
}

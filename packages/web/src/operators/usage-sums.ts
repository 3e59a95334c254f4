import type { page } from "@arriero/spec";

export interface Sum {
  label: string;
  requests: number;
  failures: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  costMicros: number;
}

/** Entries summed under what `name` calls them, most answer tokens first. */
export function sumBy(entries: readonly page.UsageEntry[], name: (entry: page.UsageEntry) => string): Sum[] {
  const sums = new Map<string, Sum>();
  for (const entry of entries) {
    const label = name(entry);
    const sum = sums.get(label) ?? {
      label,
      requests: 0,
      failures: 0,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
      costMicros: 0,
    };
    sum.requests += entry.requests;
    sum.failures += entry.failures;
    sum.promptTokens += entry.promptTokens;
    sum.cachedTokens += entry.cachedTokens;
    sum.completionTokens += entry.completionTokens;
    sum.costMicros += entry.costMicros;
    sums.set(label, sum);
  }
  return [...sums.values()].sort((a, b) => b.completionTokens - a.completionTokens);
}

export interface Series {
  label: string;
  /** One value a day. */
  values: number[];
}

const MOST_SERIES = 4;

/** Days from first to last, gaps included, as ISO dates. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length < 400; at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

/** Answer tokens a day for the models that wrote most; the rest are one series, last. */
export function seriesByModel(entries: readonly page.UsageEntry[], days: readonly string[], rest: string): Series[] {
  const top = sumBy(entries, (entry) => entry.model)
    .slice(0, MOST_SERIES)
    .map((sum) => sum.label);
  const place = new Map(days.map((day, at) => [day, at]));
  const series = new Map<string, number[]>();
  for (const entry of entries) {
    const label = top.includes(entry.model) ? entry.model : rest;
    const values = series.get(label) ?? days.map(() => 0);
    const at = place.get(entry.day);
    if (at !== undefined) values[at]! += entry.completionTokens;
    series.set(label, values);
  }
  return [...top, rest].flatMap((label) => {
    const values = series.get(label);
    return values ? [{ label, values }] : [];
  });
}

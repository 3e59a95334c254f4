import type { RoutingAudit } from "./routing-audit.ts";

export const ROUTING_HEADER = "arriero-routing";

/** A header field that clients and proxies take without complaint, together with the others. */
const MOST_CHARS = 4096;

/**
 * Decisions of one request as a header's value: a JSON array in ASCII, one entry an attempt. What would be too long is cut
 * down to the last decision, and that to counts.
 */
export function routingHeader(decisions: readonly RoutingAudit[]): string {
  const last = decisions.slice(-1);
  const counts = last.map(({ allowed, picked, refused }) => ({ picked, allowed: allowed.length, refused: refused.length }));
  return [decisions, last].map(ascii).find((text) => text.length <= MOST_CHARS) ?? ascii(counts);
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

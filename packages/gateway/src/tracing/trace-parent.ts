/** Which trace a request belongs to, as W3C Trace Context says it in `traceparent`. */
export interface TraceParent {
  /** 32 hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all 0: the caller's span. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const SAMPLED = 1;

/** null: there is none, or none that may be used; then the trace begins here. */
export function readTraceParent(header: string | string[] | undefined): TraceParent | null {
  const [, traceId, spanId, flags] = (typeof header === "string" ? FORM.exec(header) : null) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export const writeTraceParent = ({ sampled, spanId, traceId }: TraceParent): string =>
  `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;

export type AttributeValue = string | number | boolean;
/** undefined: not known, and left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** A finished span. Times are milliseconds since the epoch. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** null: the trace begins with it. */
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: "server" | "client" | "internal";
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  /** The error's code; null: it went well. */
  readonly error: string | null;
}

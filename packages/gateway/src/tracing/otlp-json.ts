import type { Attributes, AttributeValue, Span } from "./span.ts";

const KINDS = { internal: 1, server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
const NANOS_PER_MS = 1_000_000n;

/** What a collector takes at `/v1/traces` in JSON: opentelemetry-proto's ExportTraceServiceRequest. */
export function otlpTraces(spans: readonly Span[], resource: Attributes, version: string): unknown {
  const scope = { name: "arriero.gateway", version };
  return {
    resourceSpans: [{ resource: { attributes: keyValues(resource) }, scopeSpans: [{ scope, spans: spans.map(otlpSpan) }] }],
  };
}

function otlpSpan({ attributes, endedAt, error, kind, name, parentSpanId, spanId, startedAt, traceId }: Span) {
  return {
    traceId,
    spanId,
    ...(parentSpanId === null ? {} : { parentSpanId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanos(startedAt),
    endTimeUnixNano: nanos(endedAt),
    attributes: keyValues(attributes),
    status: error === null ? {} : { code: STATUS_ERROR, message: error },
  };
}

/** 64-bit integers are strings in protobuf's JSON. */
const nanos = (ms: number): string => String(BigInt(Math.round(ms)) * NANOS_PER_MS);

function keyValues(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]));
}

function anyValue(value: AttributeValue) {
  switch (typeof value) {
    case "string":
      return { stringValue: value };
    case "boolean":
      return { boolValue: value };
    case "number":
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default:
      return value satisfies never;
  }
}

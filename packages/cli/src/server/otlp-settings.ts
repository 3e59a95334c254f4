import type { TracingOptions } from "@arriero/gateway";
import { version } from "../invocation/version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where OpenTelemetry's own variables say that traces go; undefined: nowhere. */
export function otlpSettings(env: Environment): TracingOptions | undefined {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, "");
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base && `${base}/v1/traces`);
  if (!url || isOff(env) || !URL.canParse(url)) return undefined;
  const resource = pairs(env.OTEL_RESOURCE_ATTRIBUTES);
  return {
    url,
    headers: { ...pairs(env.OTEL_EXPORTER_OTLP_HEADERS), ...pairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS) },
    resource: {
      "service.version": version(),
      ...resource,
      "service.name": env.OTEL_SERVICE_NAME || resource["service.name"] || "arriero",
    },
    share: shareOf(env),
  };
}

/** Which traces that begin here are told. Those of callers are told as the callers say, with any sampler. */
function shareOf({ OTEL_TRACES_SAMPLER: sampler = "", OTEL_TRACES_SAMPLER_ARG: asked = "" }: Environment): number {
  if (/always_off$/.test(sampler)) return 0;
  const share = /traceidratio$/.test(sampler) && asked !== "" ? Number(asked) : 1;
  return share >= 0 && share <= 1 ? share : 1;
}

const isOff = ({ OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER }: Environment): boolean =>
  /^true$/i.test(OTEL_SDK_DISABLED ?? "") || /^none$/i.test(OTEL_TRACES_EXPORTER ?? "");

/** `key=value,key=value`, percent-encoded as W3C Baggage. What is no pair is left out. */
function pairs(text: string | undefined): Record<string, string> {
  return Object.fromEntries(
    (text ?? "").split(",").flatMap((pair): [string, string][] => {
      const [key = "", ...value] = pair.split("=");
      return key.trim() === "" || value.length === 0 ? [] : [[key.trim(), decoded(value.join("=").trim())]];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

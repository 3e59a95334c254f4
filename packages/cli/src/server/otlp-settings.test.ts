import { expect, it } from "vitest";
import { otlpSettings } from "./otlp-settings.ts";

it("reads OpenTelemetry's own variables", () => {
  const settings = otlpSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc,x-team=llamas=alpacas",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test,service.name=other",
    OTEL_SERVICE_NAME: "gate",
  });
  expect(settings).toMatchObject({
    url: "http://collector:4318/v1/traces",
    headers: { authorization: "Bearer abc", "x-team": "llamas=alpacas" },
    resource: { "service.name": "gate", "deployment.environment": "test" },
  });
});

it.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "no address" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_SDK_DISABLED: "true" },
  { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_TRACES_EXPORTER: "none" },
])("%j: no traces", (env) => expect(otlpSettings(env)).toBeUndefined());

it.each([
  [{}, 1],
  [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" }, 0.25],
  [{ OTEL_TRACES_SAMPLER: "traceidratio" }, 1],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "many" }, 1],
  [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, 0],
])("%j: a share of %d", (env, share) =>
  expect(otlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", ...env })?.share).toBe(share),
);

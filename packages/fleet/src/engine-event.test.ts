import { expect, it } from "vitest";
import { parseEngineEvent } from "./engine-event.ts";
import { readEngineLog } from "./engine-log.ts";

it("reads the three announcements", () => {
  expect(parseEngineEvent('{"event":"listening","url":"http://127.0.0.1:4321"}')).toEqual({
    event: "listening",
    url: "http://127.0.0.1:4321",
  });
  expect(parseEngineEvent('{"event":"ready","more":1}')).toEqual({ event: "ready" });
  const error = { code: "gguf_invalid", message: "no magic", hint: "pull again" };
  expect(parseEngineEvent(JSON.stringify({ event: "failed", error }))).toEqual({ event: "failed", error });
});

it.each([
  "",
  "llama_model_loader: noise",
  "{not json",
  "null",
  "[]",
  '{"event":"other"}',
  '{"event":"listening"}',
  '{"event":"listening","url":"http://example.com:80"}',
  '{"event":"listening","url":"nonsense"}',
  '{"event":"failed","error":{"code":"toString","message":"m","hint":"h"}}',
  '{"event":"failed"}',
])("ignores %j", (line) => {
  expect(parseEngineEvent(line)).toBeNull();
});

it("keeps level and fields of structured log lines and treats the rest as debug", () => {
  expect(readEngineLog("r-0", '{"level":40,"time":1,"pid":2,"hostname":"h","msg":"slow step","stepMs":90}')).toEqual({
    level: "warn",
    replica: "r-0",
    message: "slow step",
    fields: { stepMs: 90 },
  });
  expect(readEngineLog("r-0", "ggml: native")).toEqual({ level: "debug", replica: "r-0", message: "ggml: native" });
});

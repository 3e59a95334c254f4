import { expect, test } from "vitest";
import { parseEngineOptions } from "./options.ts";

const METRICS = new Set(["decode.1", "gap.worst"]);
const parse = (...parameters: string[]) => parseEngineOptions(parameters, { XDG_CACHE_HOME: "/cache" }, METRICS);

test("the defaults are a full run of both sides", () => {
  expect(parse()).toMatchObject({ json: false, size: "full", rounds: 3, quants: ["q4_0", "q4_k_m"], only: null, peer: null });
  expect(parse().workFolder).toBe("/cache/arriero-bench");
});

test("quick is one round unless said otherwise", () => {
  expect(parse("--quick")).toMatchObject({ size: "quick", rounds: 1 });
  expect(parse("--quick", "--rounds", "2").rounds).toBe(2);
});

test.each([
  [["--rounds", "0"], "--rounds wants"],
  [["--rounds", "two"], "--rounds wants"],
  [["--quant", "q8_0"], "--quant knows q4_0, q4_k_m; got q8_0"],
  [["--only", "decode.2"], "--only knows decode.1, gap.worst; got decode.2"],
  [["--fast"], "--fast"],
])("%j is refused with what is allowed", (parameters, message) => {
  expect(() => parse(...parameters)).toThrow(message);
});

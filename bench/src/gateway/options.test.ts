import { expect, test } from "vitest";
import { parseGatewayOptions } from "./options.ts";

const parse = (...parameters: string[]) => parseGatewayOptions(parameters, { XDG_CACHE_HOME: "/cache" });

test("the defaults are a full run", () => {
  expect(parse()).toMatchObject({ json: false, size: "full", rounds: 3, seconds: 4, soakMinutes: null });
  expect(parse().parts).toEqual(new Set(["rps", "added", "sse"]));
  expect(parse().workFolder).toBe("/cache/arriero-bench");
});

test("a soak has minutes, ten unless said otherwise", () => {
  expect(parse("--soak").soakMinutes).toBe(10);
  expect(parse("--soak", "2").soakMinutes).toBe(2);
});

test.each([["--rounds", "0"], ["--only", "memory"], ["--what"], ["5"], ["--soak", "x"]])("%s %s is refused", (...parameters) => {
  expect(() => parse(...parameters)).toThrow(expect.objectContaining({ code: "config_invalid" }));
});

import { expect, test } from "vitest";
import { parseChatOptions } from "./options.ts";

test("says what it measures by default, and less where it is asked to", () => {
  expect(parseChatOptions([], { XDG_CACHE_HOME: "/cache" })).toMatchObject({
    json: false,
    minutes: 3,
    rounds: 7,
    workFolder: "/cache/arriero-bench",
  });
  const asked = parseChatOptions(["--json", "--only", "typing,memory", "--minutes", "30"], {});
  expect([asked.json, [...asked.parts], asked.minutes]).toEqual([true, ["typing", "memory"], 30]);
});

test.each([["--minutes", "0"], ["--only", "drawing"], ["--fast"], ["30"]])("refuses %s %s", (...parameters) => {
  expect(() => parseChatOptions(parameters, {})).toThrow(expect.objectContaining({ code: "config_invalid" }));
});

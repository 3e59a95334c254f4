import { expect, it } from "vitest";
import { csvOf } from "./csv.ts";

it("quotes what must be, and makes no formulas", () => {
  expect(csvOf([["a,b", 'say "x"', "=1+1", -1, "@sum", "＝1", "\n=1"]])).toBe(
    `"a,b","say ""x""",'=1+1,-1,'@sum,'＝1,"'\n=1"\r\n`,
  );
});

import { expect, it } from "vitest";
import { decideEviction } from "./evict-model.ts";

const model = (name: string, lastUsedAt: number, outstanding = 0) => ({ name, lastUsedAt, outstanding });

it("evicts the least recently used idle model, only when there is no room", () => {
  expect(decideEviction([model("a", 1)], 2)).toEqual({ kind: "fits" });
  expect(decideEviction([model("a", 5), model("b", 2), model("c", 1, 3)], 3)).toEqual({ kind: "evict", name: "b" });
});

it("never evicts a busy model", () => {
  expect(decideEviction([model("a", 1, 1)], 1)).toEqual({ kind: "all-busy" });
});

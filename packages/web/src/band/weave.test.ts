import { describe, expect, it } from "vitest";
import { motif, threads, weave } from "./weave.ts";

describe("weave", () => {
  it("draws one mirrored run for columns of equal height", () => {
    expect(weave([1, 1, 0], 3)).toBe("M0 2h2v3h-2zM2 3h1v1h-1z");
  });
  it("leaves out what an inner thread does not reach", () => {
    expect(weave([0, 2, 0], 3, 2)).toBe("M1 3h1v1h-1z");
    expect(weave([1, 1], 3, 2)).toBe("");
  });
});

describe("threads", () => {
  it("steps in whole cells and stays within the band", () => {
    expect(threads([0, 5, 10, 40, -3], 10, 4)).toEqual([0, 2, 4, 4, 0]);
  });
  it("is flat where there is nothing to compare with", () => {
    expect(threads([0, 0], 0, 4)).toEqual([0, 0]);
  });
});

describe("motif", () => {
  it("repeats the stepped diamond, symmetric about its middle", () => {
    const one = motif(15);
    expect([...one].reverse()).toEqual(one);
    expect(motif(30)).toEqual([...one, ...one]);
  });
});

import { expect, it } from "vitest";
import { beat, restingPulse } from "./pulse.ts";

it("counts pieces in the moment they came", () => {
  let pulse = beat(restingPulse(0), 10, 1);
  pulse = beat(pulse, 100, 1);
  pulse = beat(pulse, 300, 1);
  expect(pulse.beats).toEqual([2, 1]);
});

it("shows a pause as empty moments, and is bounded", () => {
  let pulse = beat(restingPulse(0), 0, 5);
  pulse = beat(pulse, 1000, 1);
  expect(pulse.beats).toEqual([5, 0, 0, 0, 1]);
  pulse = beat(pulse, 3_600_000, 1);
  expect(pulse.beats).toHaveLength(30);
});

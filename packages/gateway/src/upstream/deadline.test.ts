import { expect, test } from "vitest";
import { Deadline } from "./deadline.ts";

/** Time that goes on when it is told to. */
function manualClock() {
  let time = 0;
  let timers: { readonly at: number; readonly fire: () => void }[] = [];
  let made = 0;
  return {
    made: () => made,
    now: () => time,
    after(ms: number, fire: () => void) {
      made++;
      const timer = { at: time + ms, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    pending: () => timers.length,
    advance(ms: number) {
      const until = time + ms;
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        time = next.at;
        timers = timers.filter((each) => each !== next);
        next.fire();
      }
      time = until;
    },
  };
}

test("a wait that begins anew with every piece costs no timer of its own, and ends when the last one is due", () => {
  const clock = manualClock();
  const deadline = new Deadline(clock);
  const late: number[] = [];
  for (let piece = 0; piece < 50; piece++) {
    deadline.arm(100, () => late.push(clock.now()));
    clock.advance(10);
  }
  expect([late, clock.made() < 10]).toEqual([[], true]);
  clock.advance(1_000);
  expect(late).toEqual([590]);
});

test("a shorter wait is not late for the longer one before it", () => {
  const clock = manualClock();
  const deadline = new Deadline(clock);
  const late: string[] = [];
  deadline.arm(10_000, () => late.push("long"));
  deadline.arm(50, () => late.push("short"));
  clock.advance(60);
  expect(late).toEqual(["short"]);
});

test("nothing is late that is not waited for, and a closed one leaves no timer", () => {
  const clock = manualClock();
  const deadline = new Deadline(clock);
  deadline.arm(50, () => expect.unreachable());
  deadline.disarm();
  clock.advance(500);
  deadline.arm(50, () => expect.unreachable());
  deadline.close();
  expect(clock.pending()).toBe(0);
});

import type { Clock, Replica } from "@arriero/fleet";
import { describe, expect, it } from "vitest";
import { IdleUnload } from "./idle-unload.ts";

const MINUTE = 60_000;

/** Time that stands still until the test moves it. */
class StillClock implements Clock {
  #now = 1_000_000;
  #timers: { readonly at: number; readonly fire: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, fire: () => void): () => void {
    const timer = { at: this.#now + ms, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter((each) => !due.includes(each));
    for (const { fire } of due) fire();
  }
}

function world() {
  const clock = new StillClock();
  const unloaded: string[] = [];
  const outstanding = new Map<string, number>();
  const fleet = {
    list: () => [...outstanding].map(([model, count]) => ({ model, outstanding: count }) as Replica),
    replicas: async () => [],
    unload: async (model: string) => {
      unloaded.push(model);
      if (model === "broken") throw new Error("it is gone already");
      return true;
    },
  };
  return { clock, unloaded, outstanding, idle: new IdleUnload(fleet, clock) };
}

describe("models that callers asked to keep for a time", () => {
  it("leave when it is over, and not before", () => {
    const { clock, idle, unloaded } = world();
    idle.keep("a", 5 * MINUTE);
    expect(idle.expiresAt("a")).toBe(clock.now() + 5 * MINUTE);
    clock.advance(5 * MINUTE - 1);
    expect(unloaded).toEqual([]);
    clock.advance(1);
    expect(unloaded).toEqual(["a"]);
    expect(idle.expiresAt("a")).toBeNull();
  });

  it("stay as the last caller asked, longer or shorter", () => {
    const { clock, idle, unloaded } = world();
    idle.keep("a", MINUTE);
    idle.keep("a", 10 * MINUTE);
    expect(clock.pending).toBe(1);
    clock.advance(9 * MINUTE);
    expect(unloaded).toEqual([]);
    idle.keep("a", 0);
    clock.advance(0);
    expect(unloaded).toEqual(["a"]);
  });

  it.each([undefined, "forever"] as const)("are left to the server where a caller says %s, whatever was said before", (ms) => {
    const { clock, idle, unloaded } = world();
    idle.keep("a", MINUTE);
    idle.keep("a", ms);
    expect(idle.expiresAt("a")).toBeNull();
    clock.advance(100 * MINUTE);
    expect(unloaded).toEqual([]);
  });

  it("do not leave while a request holds them", () => {
    const { clock, idle, unloaded } = world();
    idle.keep("a", MINUTE);
    idle.hold("a");
    clock.advance(100 * MINUTE);
    expect(unloaded).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("are looked at again each second while others keep them busy", () => {
    const { clock, idle, outstanding, unloaded } = world();
    outstanding.set("a", 1).set("b", 3);
    idle.keep("a", MINUTE);
    clock.advance(MINUTE);
    expect(idle.expiresAt("a")).toBe(clock.now() + 1000);
    clock.advance(1000);
    expect(unloaded).toEqual([]);
    outstanding.set("a", 0);
    clock.advance(1000);
    expect(unloaded).toEqual(["a"]);
  });

  it("go each in its own time, and one that cannot be unloaded harms nobody", async () => {
    const { clock, idle, unloaded } = world();
    idle.keep("broken", MINUTE);
    idle.keep("a", 2 * MINUTE);
    clock.advance(MINUTE);
    clock.advance(MINUTE);
    await Promise.resolve();
    expect(unloaded).toEqual(["broken", "a"]);
  });

  it("are nobody's business any more after the close", () => {
    const { clock, idle, unloaded } = world();
    idle.keep("a", MINUTE);
    idle.keep("b", MINUTE);
    idle.close();
    expect(clock.pending).toBe(0);
    clock.advance(MINUTE);
    expect(unloaded).toEqual([]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { FairQueue } from "./fair-queue.ts";

interface Item {
  name: string;
  client: string;
  priority: "realtime" | "interactive" | "batch";
}
const item = (name: string, client: string, priority: Item["priority"] = "interactive"): Item => ({ name, client, priority });

/** Serves everything, charging `cost` tokens for each, and returns the order. */
function serve(queue: FairQueue<Item>, cost = 10): string[] {
  const order: string[] = [];
  while (queue.size > 0) {
    const [next] = queue.inOrder();
    queue.remove(next!);
    queue.charge(next!.client, cost);
    order.push(next!.name);
  }
  return order;
}

test("a client with many requests does not starve one with few", () => {
  const queue = new FairQueue<Item>(100);
  for (let i = 0; i < 4; i++) queue.push(item(`greedy${i}`, "greedy"));
  queue.push(item("modest0", "modest"));
  expect(serve(queue).indexOf("modest0")).toBeLessThanOrEqual(1);
});

test("classes are strict, a client's own requests keep their order", () => {
  const queue = new FairQueue<Item>(100);
  queue.push(item("b0", "x", "batch"));
  queue.push(item("i0", "x"));
  queue.push(item("i1", "x"));
  queue.push(item("r0", "y", "realtime"));
  expect(serve(queue)).toEqual(["r0", "i0", "i1", "b0"]);
});

test("idling earns no credit: a newcomer starts level with those waiting", () => {
  const queue = new FairQueue<Item>(100);
  queue.charge("old", 1000);
  for (let i = 0; i < 3; i++) queue.push(item(`old${i}`, "old"));
  for (let i = 0; i < 3; i++) queue.push(item(`new${i}`, "new"));
  const order = serve(queue);
  expect(order.slice(0, 4).filter((name) => name.startsWith("old")).length).toBe(2);
});

test("bounded: a full queue refuses, and one that had a place comes back to the head", () => {
  const queue = new FairQueue<Item>(1);
  expect(queue.push(item("a", "x"))).toBe(true);
  expect(queue.push(item("b", "x"))).toBe(false);
  queue.pushFront(item("paused", "x"));
  expect(serve(queue)).toEqual(["paused", "a"]);
});

test("law: everything pushed is served once, whatever the mix", () => {
  const arbitrary = fc.array(
    fc.record({
      client: fc.constantFrom("a", "b", "c"),
      priority: fc.constantFrom<Item["priority"]>("realtime", "interactive", "batch"),
    }),
  );
  fc.assert(
    fc.property(arbitrary, (specs) => {
      const queue = new FairQueue<Item>(specs.length);
      for (const [i, spec] of specs.entries()) queue.push(item(String(i), spec.client, spec.priority));
      expect([...queue.inOrder()].length).toBe(specs.length);
      expect(serve(queue).sort()).toEqual(specs.map((_, i) => String(i)).sort());
    }),
  );
});

import { expect, it } from "vitest";
import { EventLines } from "./event-lines.ts";

it("gives the same events however the bytes are cut", () => {
  const event = { type: "text", choice: 0, tokens: [1], text: "año 🦙\n" };
  const bytes = Buffer.from(`${JSON.stringify(event)}\n\n${JSON.stringify(event)}\n`);
  for (let size = 1; size <= bytes.length; size++) {
    const lines = new EventLines();
    const events = [];
    for (let at = 0; at < bytes.length; at += size) events.push(...lines.push(bytes.subarray(at, at + size)));
    expect(events).toEqual([event, event]);
  }
});

it.each(["{oops}\n", "[]\n", '{"type":"toString"}\n', "null\n", '"text"\n'])("distrusts a replica that sends %j", (line) => {
  expect(() => new EventLines().push(Buffer.from(line))).toThrow("The replica sent a line that is");
});

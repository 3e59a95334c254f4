import { expect, it } from "vitest";
import { EventLines } from "./event-lines.ts";

const event = { type: "text", choice: 0, tokens: [1], text: "año 🦙\n" };
const line = (position: number) => `${JSON.stringify([position, event])}\n`;

it("gives the same events however the bytes are cut", () => {
  const bytes = Buffer.from(`${line(0)}\n${line(1)}`);
  for (let size = 1; size <= bytes.length; size++) {
    const lines = new EventLines();
    const events = [];
    for (let at = 0; at < bytes.length; at += size) events.push(...lines.push(bytes.subarray(at, at + size)));
    expect(events).toEqual([event, event]);
  }
});

it.each([
  "{oops}\n",
  "[]\n",
  '{"type":"text"}\n',
  '[0,{"type":"toString"}]\n',
  '["0",{"type":"text"}]\n',
  "[0,null]\n",
  "null\n",
  '"text"\n',
])("distrusts a replica that sends %j", (sent) => {
  expect(() => [...new EventLines().push(Buffer.from(sent))]).toThrow("The replica sent a line that is");
});

it.each([
  ["repeated", [0, 1, 1, 2], 2],
  ["lost", [0, 2], 1],
  ["lost at the beginning", [1], 0],
  ["overtaken", [0, 2, 1], 1],
])("breaks at a line that was %s, behind those that can be trusted", (_what, positions, trusted) => {
  const lines = new EventLines();
  const events: unknown[] = [];
  const read = () => {
    for (const each of lines.push(Buffer.from(positions.map(line).join("")))) events.push(each);
  };
  expect(read).toThrow(/^The replica sent line \d where line \d was due\.$/);
  expect(events).toHaveLength(trusted);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { eventData } from "./event-stream.ts";

async function collect(chunks: readonly Uint8Array[]): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  const all: string[] = [];
  for await (const data of eventData(source())) all.push(data);
  return all;
}

test("events are the same wherever the bytes are split", async () => {
  const bytes = Buffer.from(': keep-alive\n\ndata: {"a":"é"}\n\nevent: x\r\ndata:{"b":1}\r\n\r\ndata: [DONE]\n\ndata: late\n\n');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
      expect(await collect(chunks)).toEqual(['{"a":"é"}', '{"b":1}']);
    }),
  );
});

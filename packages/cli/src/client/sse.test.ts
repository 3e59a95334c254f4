import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sseData } from "./sse.ts";

async function read(chunks: readonly Uint8Array[]): Promise<string[]> {
  const events: string[] = [];
  async function* body() {
    yield* chunks;
  }
  for await (const data of sseData(body())) events.push(data);
  return events;
}

const stream = new TextEncoder().encode(
  ': ping\n\ndata: {"a":"ñ"}\r\n\r\nevent: x\ndata:b\ndata: c\n\ndata: [DONE]\n\ndata: cut',
);

describe("sseData", () => {
  it("reads the same events wherever the chunks end", () =>
    fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: stream.length - 1 }), { maxLength: 12 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = edges.slice(1).map((edge, index) => stream.slice(edges[index], edge));
        expect(await read(chunks)).toEqual(['{"a":"ñ"}', "b\nc", "[DONE]"]);
      }),
    ));
  it("refuses a line without end", async () => {
    const chunk = new TextEncoder().encode(`data: ${"x".repeat(1024 * 1024)}`);
    await expect(read([chunk, chunk, chunk, chunk, chunk])).rejects.toThrow("more than");
  });
});

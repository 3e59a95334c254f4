import { describe, expect, it } from "vitest";
import { SseReader } from "./sse-reader.ts";

const STREAM = ': hello\r\n\r\ndata: {"a":\ndata: "año 🦙"}\n\nevent: error\rdata:x\r\rid: 7\nretry: 5\ndata\n\ndata: [DONE]';
const EVENTS = [
  { event: "message", data: '{"a":\n"año 🦙"}' },
  { event: "error", data: "x" },
  { event: "message", data: "" },
  { event: "message", data: "[DONE]" },
];

describe("SseReader", () => {
  it("gives the same events however the bytes are cut", () => {
    const bytes = Buffer.from(STREAM);
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new SseReader();
      const events = [];
      for (let at = 0; at < bytes.length; at += size) events.push(...reader.push(bytes.subarray(at, at + size)));
      expect([...events, ...reader.end()], `chunks of ${size}`).toEqual(EVENTS);
    }
  });

  it("distrusts bytes that are not UTF-8, in the middle and at the end", () => {
    expect(() => new SseReader().push(Buffer.from([0x64, 0xc3, 0x28]))).toThrow("not UTF-8");
    const cut = new SseReader();
    cut.push(Buffer.from([0x64, 0xc3]));
    expect(() => cut.end()).toThrow("not UTF-8");
  });

  it("bounds an event", () => {
    const reader = new SseReader();
    const line = Buffer.from(`data: ${"x".repeat(1024 * 1024)}\n`);
    const flood = () => {
      for (let i = 0; i < 16; i++) reader.push(line);
    };
    expect(flood).toThrow("an event of more than");
  });
});

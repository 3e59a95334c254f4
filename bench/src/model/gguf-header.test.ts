import { expect, test } from "vitest";
import { ggufHeader, padding } from "./gguf-header.ts";

/** Reads a header back, field by field as the GGUF specification orders them. */
function readBack(bytes: Buffer) {
  let at = 4;
  const skip = (length: number) => {
    at += length;
    return at - length;
  };
  const u32 = () => bytes.readUInt32LE(skip(4));
  const u64 = () => Number(bytes.readBigUInt64LE(skip(8)));
  const text = () => {
    const start = skip(u64());
    return bytes.toString("utf8", start, at);
  };
  const value = (type: number): unknown => {
    switch (type) {
      case 4:
        return u32();
      case 5:
        return bytes.readInt32LE(skip(4));
      case 6:
        return bytes.readFloatLE(skip(4));
      case 7:
        return bytes[skip(1)] === 1;
      case 8:
        return text();
      case 9: {
        const item = u32();
        return Array.from({ length: u64() }, () => value(item));
      }
      default:
        throw new Error(`type ${type}`);
    }
  };
  const version = u32();
  const tensorCount = u64();
  const pairCount = u64();
  const metadata = Object.fromEntries(Array.from({ length: pairCount }, () => [text(), value(u32())]));
  const tensors = Array.from({ length: tensorCount }, () => ({
    name: text(),
    shape: Array.from({ length: u32() }, u64),
    ggmlType: u32(),
    offset: u64(),
  }));
  return { magic: bytes.toString("latin1", 0, 4), version, metadata, tensors, end: at };
}

test("every field reads back, and each tensor starts aligned after the one before", () => {
  const header = ggufHeader(
    {
      a: { type: "u32", value: 7 },
      b: { type: "f32", value: 0.5 },
      c: { type: "bool", value: true },
      d: { type: "string", value: "llama é" },
      e: { type: "strings", value: ["Ġba", "ko"] },
      f: { type: "i32s", value: [1, -3] },
    },
    [
      { name: "one", shape: [32, 3], ggmlType: 2, bytes: 54 },
      { name: "two", shape: [8], ggmlType: 0, bytes: 32 },
    ],
  );
  const read = readBack(header);
  expect(read).toMatchObject({
    magic: "GGUF",
    version: 3,
    metadata: { a: 7, b: 0.5, c: true, d: "llama é", e: ["Ġba", "ko"], f: [1, -3] },
    tensors: [
      { name: "one", shape: [32, 3], ggmlType: 2, offset: 0 },
      { name: "two", shape: [8], ggmlType: 0, offset: 64 },
    ],
  });
  expect(header.length).toBe(read.end + padding(read.end));
});

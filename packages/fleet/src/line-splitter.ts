import { StringDecoder } from "node:string_decoder";

/** Longest line kept; what exceeds it is cut off, so that a child that never writes a newline costs a bounded buffer. */
export const MAX_LINE_CHARS = 64 * 1024;

/** Cuts a byte stream into lines. Returns the function to feed. */
export function splitLines(onLine: (line: string) => void, maxChars = MAX_LINE_CHARS): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  return (chunk) => {
    const pieces = decoder.write(chunk).split("\n");
    const rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      const line = (pending + piece.slice(0, maxChars)).slice(0, maxChars);
      pending = "";
      onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
    if (pending.length < maxChars) pending += rest.slice(0, maxChars - pending.length);
  };
}

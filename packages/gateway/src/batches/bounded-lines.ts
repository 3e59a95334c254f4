import { ArrieroError } from "@arriero/spec";

export interface NumberedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const NEWLINE = 10;

/** The lines of a file that are not empty. Throws invalid_request for one of more than `mostBytes`, or for bytes that are no UTF-8. */
export async function* boundedLines(
  bytes: AsyncIterable<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<NumberedLine, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length > mostBytes) throw unreadable(number + 1, `has more than ${mostBytes} bytes`);
    parts.push(part);
  };
  const finish = (): NumberedLine | null => {
    number++;
    const line = Buffer.concat(parts);
    parts = [];
    length = 0;
    try {
      const text = decoder.decode(line).trim();
      return text === "" ? null : { number, text };
    } catch {
      throw unreadable(number, "is not UTF-8");
    }
  };
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, end));
      const line = finish();
      if (line !== null) yield line;
      from = end + 1;
    }
    take(chunk.subarray(from));
  }
  const last = finish();
  if (last !== null) yield last;
}

const unreadable = (line: number, why: string): ArrieroError =>
  new ArrieroError("invalid_request", `Line ${line} ${why}.`, { param: "input_file_id" });

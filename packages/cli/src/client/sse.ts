import { ArrieroError } from "@arriero/spec";

/** Longest line of an event stream that is kept, in characters. */
const LONGEST_LINE = 4 * 1024 * 1024;

/**
 * The `data` of each event of a text/event-stream body (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * Chunks may end anywhere, also inside a character. Comments and other fields are passed over.
 */
export async function* sseData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = "";
  let data: string[] = [];
  for await (const chunk of body) {
    pending += decoder.decode(chunk, { stream: true });
    // A CR at the very end may be half of a CRLF: it waits for the next chunk.
    const held = pending.endsWith("\r") ? "\r" : "";
    const lines = pending.slice(0, pending.length - held.length).split(/\r\n|\n|\r/);
    pending = `${lines.pop()}${held}`;
    if (pending.length > LONGEST_LINE) {
      throw new ArrieroError("replica_failed", `The server sent a line of more than ${LONGEST_LINE} characters.`);
    }
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield data.join("\n");
        data = [];
      } else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
    }
  }
}

import { isUtf8 } from "node:buffer";
import { malformed } from "./backend-faults.ts";

const NOTHING = Buffer.alloc(0);
const BYTE_ORDER_MARK = "\ufeff";
/** Bytes of a character at most, less one. */
const LONGEST_REST = 3;

/**
 * Characters out of byte chunks, however they are cut. Bytes that are no UTF-8 break the stream: what they stood for is
 * lost. As a streaming TextDecoder that is fatal, at a fraction of its cost for small chunks.
 */
export class Utf8Reader {
  /** The beginning of a character that the last chunk cut. */
  #rest: Buffer = NOTHING;
  #begun = false;

  read(chunk: Uint8Array): string {
    const own = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = this.#rest.length === 0 ? own : Buffer.concat([this.#rest, own]);
    const cut = isUtf8(bytes) ? 0 : restLength(bytes);
    const whole = cut === 0 ? bytes : bytes.subarray(0, bytes.length - cut);
    if (cut > 0 && !isUtf8(whole)) throw malformed("bytes that are not UTF-8");
    this.#rest = cut === 0 ? NOTHING : Buffer.from(bytes.subarray(bytes.length - cut));
    return this.#opened(whole.toString("utf8"));
  }

  /** @throws UpstreamBroken where the stream ends inside a character */
  end(): void {
    if (this.#rest.length > 0) throw malformed("bytes that are not UTF-8");
  }

  #opened(text: string): string {
    if (this.#begun || text === "") return text;
    this.#begun = true;
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }
}

/** How many bytes at the end begin a character and do not end it. @throws UpstreamBroken where the fault is another */
function restLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(LONGEST_REST, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const wanted = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    if (wanted > length) return length;
    break;
  }
  throw malformed("bytes that are not UTF-8");
}

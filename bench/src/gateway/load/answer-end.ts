/** What is known of the answer that is being read on one connection. */
export type AnswerState =
  | { readonly kind: "incomplete" }
  /** `status` and the place behind its last byte. */
  | { readonly kind: "complete"; readonly status: number; readonly end: number };

const INCOMPLETE: AnswerState = { kind: "incomplete" };
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/**
 * Whether `bytes` hold one whole HTTP/1.1 answer. For load that is not pipelined: a chunked answer ends where the bytes
 * do. Throws where the answer says neither its length nor that it is chunked.
 */
export function answerEnd(bytes: Buffer): AnswerState {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return INCOMPLETE;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyAt = headEnd + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const end = bodyAt + Number(length);
    return bytes.length >= end ? { kind: "complete", status, end } : INCOMPLETE;
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer without a length: ${head.slice(0, 200)}`);
  const tail = bytes.subarray(Math.max(bodyAt, bytes.length - LAST_CHUNK.length));
  return tail.equals(LAST_CHUNK) ? { kind: "complete", status, end: bytes.length } : INCOMPLETE;
}

import { randomFillSync } from "node:crypto";

/** Letters, digits and `._-`, at most 80: safe in logs, headers and ids made from it. */
const GIVEN = /^[A-Za-z0-9._-]{1,80}$/;

export interface RequestIds {
  /** X-Request-Id of the answer: the caller's own when it gave a usable one. */
  readonly request: string;
  /** Unique even when callers repeat theirs; ids of answers and the replica's log lines are made from it. */
  readonly generation: string;
}

/** The system is asked for many bytes at once: one question costs more than an id. */
const POOL = Buffer.alloc(4096);
let used = POOL.length;

function drawn(bytes: number): Buffer {
  if (used + bytes > POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  used += bytes;
  return POOL.subarray(used - bytes, used);
}

export function requestIds(given: string | string[] | undefined, random: (bytes: number) => Buffer = drawn): RequestIds {
  if (typeof given === "string" && GIVEN.test(given)) {
    return { request: given, generation: `${given}-${random(4).toString("hex")}` };
  }
  const id = random(12).toString("hex");
  return { request: id, generation: id };
}

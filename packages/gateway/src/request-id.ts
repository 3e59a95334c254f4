import { randomBytes } from "node:crypto";

/** Letters, digits and `._-`, at most 80: safe in logs, headers and ids made from it. */
const GIVEN = /^[A-Za-z0-9._-]{1,80}$/;

export interface RequestIds {
  /** X-Request-Id of the answer: the caller's own when it gave a usable one. */
  readonly request: string;
  /** Unique even when callers repeat theirs; ids of answers and the replica's log lines are made from it. */
  readonly generation: string;
}

export function requestIds(given: string | string[] | undefined, random: (bytes: number) => Buffer = randomBytes): RequestIds {
  if (typeof given === "string" && GIVEN.test(given)) {
    return { request: given, generation: `${given}-${random(4).toString("hex")}` };
  }
  const id = random(12).toString("hex");
  return { request: id, generation: id };
}

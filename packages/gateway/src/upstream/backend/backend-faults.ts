import { ArrieroError, type ErrorCode, type ErrorDetail } from "@arriero/spec";
import { UpstreamBroken } from "../upstream-broken.ts";

export function broken(code: ErrorCode, message: string, detail: ErrorDetail = {}): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError(code, message, detail));
}

/** What came is not of the protocol: nothing after it is to be trusted. */
export function malformed(what: string): UpstreamBroken {
  return broken("replica_failed", `The backend sent ${what}.`);
}

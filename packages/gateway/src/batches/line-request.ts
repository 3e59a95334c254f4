import type { ArrieroError } from "@arriero/spec";
import type { Principal } from "../http/principal.ts";
import { Tally } from "../http/tally.ts";
import type { RequestIds } from "../request-id.ts";
import type { Asking } from "../routes/openai-whole.ts";
import type { RequestAccount } from "../usage/request-account.ts";

/** One try of one line: a request that came by no connection. */
export class LineRequest implements Asking {
  readonly ids: RequestIds;
  readonly principal: Principal;
  readonly startedAt: number;
  readonly signal: AbortSignal;
  readonly tally = new Tally();
  account: RequestAccount | null = null;
  error: ArrieroError | null = null;

  /** @param id the line's own for ever, whatever tries and gateways there are: it is the row in the ledger */
  constructor(id: string, principal: Principal, startedAt: number, signal: AbortSignal) {
    this.ids = { request: id, generation: id };
    this.principal = principal;
    this.startedAt = startedAt;
    this.signal = signal;
  }

  get client(): string {
    return this.principal.id;
  }

  get scope(): Principal["scopes"] {
    return this.principal.scopes;
  }

  /** There is nobody to tell. */
  setHeader(): void {}
}

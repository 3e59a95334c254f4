import type { Clock } from "@arriero/fleet";
import { TryLimit } from "./try-limit.ts";

const WINDOW_MS = 10 * 60_000;
const BY_EMAIL = { most: 10, windowMs: WINDOW_MS };
/** From one address, under whatever e-mails: an office, or all behind one proxy, may share one. */
const BY_ADDRESS = { most: 100, windowMs: WINDOW_MS };
/** Mails to one address: more would be a nuisance to whoever has it. */
const BY_MAILED = { most: 3, windowMs: 15 * 60_000 };

/** How often people try to get in, counted once for all ways in. */
export class SignInTries {
  readonly byEmail: TryLimit;
  readonly byAddress: TryLimit;
  readonly byMailed: TryLimit;

  constructor(clock: Pick<Clock, "now">) {
    this.byEmail = new TryLimit({ clock, ...BY_EMAIL });
    this.byAddress = new TryLimit({ clock, ...BY_ADDRESS });
    this.byMailed = new TryLimit({ clock, ...BY_MAILED });
  }
}

const SECONDS = 60;

/** What was sent within the last 60 seconds, to the second. */
export class MinuteWindow {
  readonly #seconds = Array.from({ length: SECONDS }, () => ({ second: -1, requests: 0, tokens: 0 }));

  /** @param now milliseconds */
  add(tokens: number, now: number): void {
    const second = Math.floor(now / 1000);
    const slot = this.#seconds[second % SECONDS]!;
    if (slot.second !== second) Object.assign(slot, { second, requests: 0, tokens: 0 });
    slot.requests++;
    slot.tokens += tokens;
  }

  at(now: number): { readonly requests: number; readonly tokens: number } {
    const oldest = Math.floor(now / 1000) - SECONDS;
    let requests = 0;
    let tokens = 0;
    for (const slot of this.#seconds) {
      if (slot.second <= oldest) continue;
      requests += slot.requests;
      tokens += slot.tokens;
    }
    return { requests, tokens };
  }
}

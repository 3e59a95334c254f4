import { keysAndUsage } from "./migrations/0001-keys-and-usage.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In the order of application. One that was released is never edited: what it did is mended by the next. */
export const MIGRATIONS: readonly Migration[] = [{ name: "0001-keys-and-usage", sql: keysAndUsage }];

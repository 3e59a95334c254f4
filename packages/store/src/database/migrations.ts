import { keysAndUsage } from "./migrations/0001-keys-and-usage.ts";
import { peopleAndChats } from "./migrations/0002-people-and-chats.ts";
import { tokenBudgets } from "./migrations/0003-token-budgets.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In the order of application. One that was released is never edited: what it did is mended by the next. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-keys-and-usage", sql: keysAndUsage },
  { name: "0002-people-and-chats", sql: peopleAndChats },
  { name: "0003-token-budgets", sql: tokenBudgets },
];

import type { BrowserContext } from "playwright-core";
import type { ChatBenchOptions } from "../options.ts";

export interface ChatContext {
  readonly options: ChatBenchOptions;
  readonly url: string;
  /** Signed in as the owner. */
  readonly browser: BrowserContext;
  note(line: string): void;
}

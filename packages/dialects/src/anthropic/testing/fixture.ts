import { readFileSync } from "node:fs";
import type { ParseContext } from "../parse.ts";

export const CONTEXT: ParseContext = { id: "r1", requestId: "req-1", client: "test" };

export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
}

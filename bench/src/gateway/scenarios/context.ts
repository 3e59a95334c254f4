import type { Contestant } from "../contestants/contestant.ts";

export interface GatewayContext {
  /** In the order of their turns. */
  readonly contestants: readonly Contestant[];
  readonly rounds: number;
  readonly seconds: number;
  readonly logPath: string;
  note(line: string): void;
}

export function named(contestants: readonly Contestant[], ...names: readonly Contestant["name"][]): Contestant[] {
  return contestants.filter(({ name }) => names.includes(name));
}

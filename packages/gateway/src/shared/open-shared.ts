import type { Clock } from "@arriero/fleet";
import type { Logger } from "pino";
import type { PrefixAffinity } from "../affinity/prefix-affinity.ts";
import type { UseSharing } from "../limits/use-report.ts";
import { RedisLink } from "./redis-link.ts";
import { SharedPrefixes } from "./shared-prefixes.ts";
import { SharedUses } from "./shared-uses.ts";

/** What gateways on one Redis know of one another. */
export interface Shared {
  readonly uses: UseSharing;
  /** What `affinity` knows is told, and what others know comes into it. */
  sharePrefixes(affinity: PrefixAffinity): void;
  close(): void;
}

/** Throws config_invalid for what is no address; nothing waits for the connection. */
export function openShared(url: string, clock: Clock, log: Logger): Shared {
  const link = new RedisLink({
    url,
    clock,
    onChange: (isUp, message) =>
      isUp
        ? log.info("Redis answers again: limits are shared")
        : log.warn({ message }, "Redis is away: limits are this gateway's own until it answers"),
  });
  const uses = new SharedUses(link, clock);
  const prefixes: SharedPrefixes[] = [];
  link.open();
  return {
    uses,
    sharePrefixes: (affinity) => void prefixes.push(new SharedPrefixes(link, clock, affinity)),
    close() {
      for (const each of prefixes) each.close();
      uses.close();
      link.close();
    },
  };
}

import { Pool } from "undici";

/** Replica addresses whose connections are kept; replicas that are gone fall out at the far end. */
const MAX_POOLS = 64;
/** More than `limits.requests` by default: what bounds requests is there, not here. */
const CONNECTIONS_PER_REPLICA = 16_384;
const CONNECT_TIMEOUT_MS = 3_000;

/** Connections to replicas, one pool for each address in use. A restarted replica has a new address and a new pool. */
export class EnginePools {
  /** In order of last use. */
  readonly #pools = new Map<string, Pool>();

  at(url: string): Pool {
    const pool = this.#pools.get(url) ?? open(url);
    this.#pools.delete(url);
    this.#pools.set(url, pool);
    if (this.#pools.size > MAX_POOLS) this.#dropOldest();
    return pool;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #dropOldest(): void {
    for (const [url, pool] of this.#pools) {
      this.#pools.delete(url);
      // Lets running requests finish; what it rejects with then concerns only them.
      pool.close().catch(() => undefined);
      return;
    }
  }
}

/** The waits for headers and body are bounded by the caller's watchdog, which knows what it waits for. */
function open(url: string): Pool {
  return new Pool(url, {
    connections: CONNECTIONS_PER_REPLICA,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
}

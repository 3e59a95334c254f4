import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { createClient } from "@redis/client";

/** An answer that takes longer is as good as none: the link is cut, and what runs goes on without. */
const ANSWER_MS = 250;
const CONNECT_MS = 1_000;
/** Pauses between tries to reach a Redis that is away: the first, each next one twice as long, the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const MOST_QUEUED = 256;

export interface RedisLinkOptions {
  /** `redis://` or `rediss://`, with user and password where it wants them. It is never logged. */
  readonly url: string;
  readonly clock: Clock;
  /** Said once when the link goes down, and once when it is there again. */
  onChange(isUp: boolean, message: string): void;
}

/** A connection to Redis that nobody waits for: where there is none, or no answer in time, commands fail at once. */
export class RedisLink {
  readonly #options: RedisLinkOptions;
  #client: Client | null = null;
  #isUp = false;
  #saidDown = false;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelRetry: (() => void) | null = null;
  #closed = false;

  /** Throws config_invalid for what is no address of a Redis. */
  constructor(options: RedisLinkOptions) {
    if (!URL.canParse(options.url) || !/^rediss?:$/.test(new URL(options.url).protocol)) {
      throw new ArrieroError("config_invalid", "REDIS_URL must begin with redis:// or rediss:// and name a host.");
    }
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Begins to connect, and tries again until it is closed. */
  open(): void {
    const { url } = this.#options;
    const client = clientOf(url);
    this.#client = client;
    client.on("error", (error: Error) => this.#down(client, error.message));
    client.on("end", () => this.#down(client, "the connection was closed"));
    this.#within(CONNECT_MS, client.connect()).then(
      () => this.#up(client),
      (error: Error) => this.#down(client, error.message),
    );
  }

  /** Rejects at once where there is no link, and after a quarter of a second where there is no answer. */
  async send(command: readonly string[]): Promise<unknown> {
    const client = this.#client;
    if (client === null || !this.#isUp) throw new Error("Redis is away");
    try {
      return await this.#within(ANSWER_MS, client.sendCommand([...command]));
    } catch (thrown) {
      // A command that Redis refuses is refused again: that, too, is no link to work with.
      this.#down(client, thrown instanceof Error ? thrown.message : String(thrown));
      throw thrown;
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#isUp = false;
    if (this.#client !== null) leave(this.#client);
    this.#client = null;
  }

  #up(client: Client): void {
    if (client !== this.#client) return;
    this.#isUp = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    if (this.#saidDown) this.#options.onChange(true, "Redis answers again");
    this.#saidDown = false;
  }

  #down(client: Client, message: string): void {
    if (client !== this.#client || this.#closed) return;
    this.#isUp = false;
    this.#client = null;
    leave(client);
    if (!this.#saidDown) this.#options.onChange(false, message);
    this.#saidDown = true;
    this.#cancelRetry = this.#options.clock.after(this.#pauseMs, () => this.open());
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #within<T>(ms: number, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(ms, () => reject(new Error(`no answer within ${ms} ms`)));
      answer.then(resolve, reject).finally(cancel);
    });
  }
}

type Client = ReturnType<typeof clientOf>;

function clientOf(url: string) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_QUEUED,
    // Tries again by the link's own pauses.
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
}

function leave(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It is closed already.
  }
}

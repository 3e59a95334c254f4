import { createHash, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import type { Turns } from "./turns.ts";
import {
  askPassword,
  fatal,
  isInTransaction,
  LONGEST_GREETING,
  LONGEST_MESSAGE,
  messageLength,
  passwordOf,
  startupKind,
  welcome,
} from "./wire-message.ts";

/** The one session of PGlite, of which all connections have turns. */
export interface SharedSession {
  readonly serverVersion: string;
  /** Runs whole messages up to a Sync or a simple query, and returns the answer. */
  exchange(messages: Buffer): Promise<Uint8Array>;
  rollBack(): Promise<void>;
}

export interface WireSessionOptions {
  readonly password: string;
  readonly session: SharedSession;
  readonly turns: Turns;
  /** A client has so long for the password. */
  readonly greetingMs: number;
  /**
   * A transaction may leave the others waiting for so long, between two statements or with an answer that it does not
   * read; then it is rolled back.
   */
  readonly idleMs: number;
}

const QUERY = 0x51;
const SYNC = 0x53;
const PASSWORD = 0x70;
const TERMINATE = 0x58;

/**
 * Speaks Postgres' protocol with one client until it leaves. A turn lasts from the first message to the end of the
 * transaction, so transactions of several clients never mix although there is one session.
 */
export async function serveClient(socket: Socket, options: WireSessionOptions): Promise<void> {
  const { greetingMs, idleMs, password, session, turns } = options;
  const reader = new MessageReader(socket);
  const late = setTimeout(() => socket.destroy(), greetingMs);
  const isIn = await letIn(reader, socket, password).finally(() => clearTimeout(late));
  if (!isIn) return;
  reader.longest = LONGEST_MESSAGE;
  socket.write(welcome(session.serverVersion));
  let release: (() => void) | null = null;
  try {
    for (;;) {
      const idle = release === null ? null : setTimeout(() => socket.destroy(), idleMs);
      const unit = await nextUnit(reader);
      if (idle !== null) clearTimeout(idle);
      if (unit === null) return;
      release ??= await turns.take();
      const answer = await session.exchange(unit);
      if (!isInTransaction(answer)) {
        release();
        release = null;
      }
      if (!socket.write(answer)) await drained(socket, release === null ? null : idleMs);
    }
  } finally {
    if (release !== null) {
      await session.rollBack().catch(() => undefined);
      release();
    }
  }
}

async function letIn(reader: MessageReader, socket: Socket, password: string): Promise<boolean> {
  for (;;) {
    const first = await reader.next(false);
    if (first === null) return false;
    const kind = startupKind(first);
    if (kind === "other") return false;
    if (kind === "startup") break;
    socket.write("N");
  }
  socket.write(askPassword());
  const answer = await reader.next(true);
  if (answer === null) return false;
  if (answer[0] === PASSWORD && isSame(passwordOf(answer), password)) return true;
  socket.end(fatal("28P01", "the password is wrong"));
  return false;
}

/** The messages of one exchange; null when the client has left. */
async function nextUnit(reader: MessageReader): Promise<Buffer | null> {
  const messages: Buffer[] = [];
  for (;;) {
    const message = await reader.next(true);
    if (message === null || message[0] === TERMINATE) return null;
    messages.push(message);
    if (message[0] === QUERY || message[0] === SYNC) return Buffer.concat(messages);
  }
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

/** Once the client has read, or is gone; with `mostMs` it is cut after that time. */
async function drained(socket: Socket, mostMs: number | null): Promise<void> {
  // One that is gone already says neither.
  if (socket.destroyed) return;
  const late = mostMs === null ? null : setTimeout(() => socket.destroy(), mostMs);
  await new Promise<void>((resolve) => {
    const go = (): void => {
      socket.off("drain", go).off("close", go);
      resolve();
    };
    socket.on("drain", go).on("close", go);
  });
  if (late !== null) clearTimeout(late);
}

/** Whole messages of a connection, whatever the cuts. */
class MessageReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a message. */
  longest = LONGEST_GREETING;

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async next(typed: boolean): Promise<Buffer | null> {
    const parts = [this.#rest];
    for (let have = this.#rest.length, want = 0; ; ) {
      // A long message is joined once its head says that it is whole, not at every piece.
      if (have >= want) {
        this.#rest = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
        parts.splice(0, parts.length, this.#rest);
        const length = messageLength(this.#rest, typed, this.longest);
        if (length !== null) {
          const message = this.#rest.subarray(0, length);
          this.#rest = this.#rest.subarray(length);
          return message;
        }
        if (this.#rest.length >= 5) want = this.#rest.readInt32BE(typed ? 1 : 0) + (typed ? 1 : 0);
      }
      const chunk = await this.#chunks.next();
      if (chunk.done) return null;
      parts.push(chunk.value);
      have += chunk.value.length;
    }
  }
}

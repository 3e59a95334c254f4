import { ArrieroError, type page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import { MESSAGE, toMessage } from "../chats/message-row.ts";
import type { AnswerAsked } from "../chats/messages.ts";
import { isOwn, isReadable, notHere } from "../chats/visible.ts";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { firstOf, inTransaction, type Row, rowsOf, storable } from "../database/query.ts";
import { isOfOwnSpace, isSameProcess, type ProcessMark } from "../embedded/process-mark.ts";
import type { Owner } from "../people/standing.ts";
import { type LogEntry, type PlacedEntry, writtenBy } from "./generation-log.ts";

/** A generation without a sign of life for so long is nobody's any more. */
export const DEAD_MS = 90_000;
/** The log of an answer that nobody can continue is kept so long, for pages that were cut off at its end. */
const ENDED_LOG_MS = 600_000;
/** That of one that can be continued. */
const OPEN_LOG_MS = 7 * 86_400_000;
const MOST_AT_ONCE = 100;

/** A generation as its holder knows it. */
export interface HeldGeneration {
  readonly id: string;
  readonly messageId: string;
  readonly owner: Owner;
  readonly asked: AnswerAsked;
  /** 1 at first; one more each time that it is taken up again. */
  readonly attempt: number;
  readonly lastSeq: number;
}

export interface GenerationState {
  readonly id: string;
  readonly messageId: string;
  readonly state: page.MessageState;
  readonly lastSeq: number;
}

export interface Orphan {
  readonly id: string;
  /** null: it was given up. */
  readonly holder: string | null;
  /** `gone`: its process is not there any more; `silent`: nobody knows. */
  readonly kind: "gone" | "silent";
}

/** How an answer ended. */
export interface AnswerEnd {
  readonly state: Exclude<page.MessageState, "running">;
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: page.Message["toolCalls"];
  readonly model: string | null;
  readonly adapter: string | null;
  readonly finishReason: page.Message["finishReason"];
  readonly usage: page.MessageUsage | null;
  readonly dropped: page.Dropped | null;
  readonly error: page.Message["error"];
}

/**
 * Generations that outlive their watchers. Each running one has one holder, a gateway's process; every write of a holder
 * asks for its hold in the same statement, so that one that was taken for dead and comes back writes nothing any more.
 */
export class DatabaseGenerations {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Puts entries behind `lastSeq`, and says whether somebody wants it stopped; null: it is not the caller's any more, and
   * nothing was written. Acknowledged entries survive the writer.
   */
  async append(id: string, holder: string, lastSeq: number, entries: readonly LogEntry[]): Promise<{ stop: boolean } | null> {
    const row = await firstOf(
      this.#database,
      sql`with mine as (
          update arriero.generations set last_seq = ${lastSeq + entries.length}, heartbeat_at = ${this.#clock.now()}
          where id = ${id} and holder = ${holder} and state = 'running' and last_seq = ${lastSeq} returning id, stop_requested
        ), written as (
          insert into arriero.generation_log (generation_id, seq, entry)
          select mine.id, ${lastSeq}::bigint + e.position, e.value from mine,
            jsonb_array_elements(${json(entries)}::jsonb) with ordinality as e (value, position)
        ) select stop_requested from mine`,
    );
    return row === null ? null : { stop: row["stop_requested"] as boolean };
  }

  /** Signs of life for those that write nothing at the moment; which of them are still held, and whether they are to stop. */
  async beat(ids: readonly string[], holder: string): Promise<ReadonlyMap<string, { stop: boolean }>> {
    if (ids.length === 0) return new Map();
    const rows = await rowsOf(
      this.#database,
      sql`update arriero.generations set heartbeat_at = ${this.#clock.now()}
        where id in (${list(ids)}) and holder = ${holder} and state = 'running' returning id, stop_requested`,
    );
    return new Map(rows.map((row) => [row["id"] as string, { stop: row["stop_requested"] as boolean }]));
  }

  /** The last word: the message as it stands, in one statement with the log's end. null: it is not the caller's any more. */
  async end(id: string, holder: string, end: AnswerEnd): Promise<page.Message | null> {
    const now = this.#clock.now();
    return inTransaction(this.#database, async (tx) => {
      const mine = await firstOf(
        tx,
        sql`update arriero.generations set state = ${end.state}, ended_at = ${now}, last_seq = last_seq + 1, holder = null,
            stop_requested = false
          where id = ${id} and holder = ${holder} and state = 'running' returning message_id, last_seq, conversation_id`,
      );
      if (mine === null) return null;
      await tx.execute(
        sql`insert into arriero.generation_log values (${id}, ${mine["last_seq"]}::bigint, ${json({ kind: "end" })}::jsonb)`,
      );
      await tx.execute(
        sql`update arriero.messages set state = ${end.state}, text = ${storable(end.text)}, reasoning = ${storable(end.reasoning)},
            tool_calls = ${json(end.toolCalls)}::jsonb, model = ${end.model}, adapter = ${end.adapter},
            finish_reason = ${end.finishReason}, usage = ${json(end.usage)}::jsonb, dropped = ${json(end.dropped)}::jsonb,
            error = ${json(end.error)}::jsonb, updated_at = ${now} where id = ${mine["message_id"]}`,
      );
      await tx.execute(sql`update arriero.conversations set updated_at = ${now} where id = ${mine["conversation_id"]}`);
      const row = await firstOf(tx, sql`select ${MESSAGE} from arriero.messages m where m.id = ${mine["message_id"]}`);
      return row === null ? null : toMessage(row);
    });
  }

  /** Gives a generation up for others to take at once: the holder is going away. */
  async release(id: string, holder: string): Promise<void> {
    await rowsOf(
      this.#database,
      sql`update arriero.generations set holder = null where id = ${id} and holder = ${holder} and state = 'running'`,
    );
  }

  /** Throws not_found. */
  async read(owner: Owner, id: string): Promise<GenerationState> {
    const row = await firstOf(
      this.#database,
      sql`select g.id, g.message_id, g.state, g.last_seq from arriero.generations g where g.id = ${id} and ${isReadable("g", owner)}`,
    );
    if (row === null) throw notHere("generation");
    return {
      id,
      messageId: row["message_id"] as string,
      state: row["state"] as page.MessageState,
      lastSeq: Number(row["last_seq"]),
    };
  }

  /** Entries behind `after`, in order. For whoever may read the generation. */
  async log(id: string, after: number, most = 100_000): Promise<readonly PlacedEntry[]> {
    const rows = await rowsOf(
      this.#database,
      sql`select seq, entry from arriero.generation_log where generation_id = ${id} and seq > ${after} order by seq limit ${most}`,
    );
    return rows.map((row) => ({ seq: Number(row["seq"]), entry: row["entry"] as LogEntry }));
  }

  /** Its holder sees it within a beat. false: it had ended. Throws not_found. */
  async requestStop(owner: Owner, id: string): Promise<boolean> {
    const row = await firstOf(
      this.#database,
      sql`update arriero.generations g set stop_requested = stop_requested or state = 'running'
        where g.id = ${id} and ${isOwn("g", owner)} returning g.state`,
    );
    if (row === null) throw notHere("generation");
    return row["state"] === "running";
  }

  /**
   * Takes an ended answer up again, for one more attempt behind what was written. Throws not_found, and conflict where it
   * runs, ended by itself, or its log is gone.
   */
  async reopen(owner: Owner, id: string, holder: string): Promise<HeldGeneration> {
    const now = this.#clock.now();
    return inTransaction(this.#database, async (tx) => {
      await firstOf(tx, sql`select 1 from arriero.generations g where g.id = ${id} and ${isOwn("g", owner)} for update`).then(
        (row) => {
          if (row === null) throw notHere("generation");
        },
      );
      const row = await firstOf(
        tx,
        sql`update arriero.generations g set state = 'running', holder = ${holder}, heartbeat_at = ${now}, ended_at = null,
            attempt = attempt + 1, stop_requested = false, last_seq = last_seq + 1
          where g.id = ${id} and (g.state in ('interrupted', 'failed', 'stopped') or (g.state = 'complete' and exists (
              select 1 from arriero.messages m where m.id = g.message_id and m.finish_reason = 'length')))
            and (exists (select 1 from arriero.generation_log l where l.generation_id = g.id)) returning g.*`,
      );
      if (row === null) {
        throw new ArrieroError(
          "conflict",
          "This answer cannot be continued: it runs, has come to its end, or was written long ago.",
          {
            hint: "Try it again instead.",
          },
        );
      }
      await tx.execute(
        sql`insert into arriero.generation_log values (${id}, ${row["last_seq"]}::bigint, ${json({ kind: "continued" })}::jsonb)`,
      );
      await tx.execute(
        sql`update arriero.messages set state = 'running', error = null, updated_at = ${now} where id = ${row["message_id"]}`,
      );
      return toHeld(row);
    });
  }

  /** Running ones whose holder is gone: its process is not there any more, it gave them up, or it is silent too long. */
  async orphans(): Promise<readonly Orphan[]> {
    const silent = this.#clock.now() - DEAD_MS;
    const rows = await rowsOf(
      this.#database,
      sql`select id, holder, heartbeat_at from arriero.generations where state = 'running' order by heartbeat_at limit ${MOST_AT_ONCE}`,
    );
    return rows.flatMap((row): Orphan[] => {
      const holder = row["holder"] as string | null;
      const found = { id: row["id"] as string, holder };
      if (holder === null || isGone(holder)) return [{ ...found, kind: "gone" }];
      return Number(row["heartbeat_at"]) < silent ? [{ ...found, kind: "silent" }] : [];
    });
  }

  /** Takes an orphan over; null: another was first, or its holder came back. */
  async take(orphan: Pick<Orphan, "id" | "holder">, holder: string): Promise<HeldGeneration | null> {
    return inTransaction(this.#database, async (tx) => {
      const row = await firstOf(
        tx,
        sql`update arriero.generations set holder = ${holder}, attempt = attempt + 1, heartbeat_at = ${this.#clock.now()},
            last_seq = last_seq + 1
          where id = ${orphan.id} and state = 'running' and holder is not distinct from ${orphan.holder} returning *`,
      );
      if (row === null) return null;
      await tx.execute(
        sql`insert into arriero.generation_log values (${orphan.id}, ${row["last_seq"]}::bigint, ${json({ kind: "continued" })}::jsonb)`,
      );
      return toHeld(row);
    });
  }

  /** Marks a held one as interrupted, with what was written. */
  async interrupt({ asked, id }: HeldGeneration, holder: string): Promise<void> {
    const { begin, reasoning, text, toolCalls } = writtenBy(await this.log(id, 0));
    await this.end(id, holder, {
      state: "interrupted",
      text,
      reasoning,
      toolCalls,
      model: begin?.model ?? asked.model,
      adapter: begin?.adapter ?? asked.adapter,
      finishReason: null,
      usage: null,
      dropped: begin?.dropped ?? null,
      error: null,
    });
  }

  /** Puts old logs away. */
  async tidy(): Promise<void> {
    const now = this.#clock.now();
    await rowsOf(
      this.#database,
      sql`delete from arriero.generation_log l using (
          select g.id from arriero.generations g join arriero.messages m on m.id = g.message_id
          where g.state <> 'running' and g.ended_at > ${now - 2 * OPEN_LOG_MS} and (g.ended_at < ${now - OPEN_LOG_MS}
            or (g.ended_at < ${now - ENDED_LOG_MS} and g.state = 'complete' and m.finish_reason is distinct from 'length'))
          and exists (select 1 from arriero.generation_log x where x.generation_id = g.id) order by g.ended_at limit ${MOST_AT_ONCE}
        ) old where l.generation_id = old.id`,
    );
  }

  async counts(): Promise<{ running: number; interruptedLastDay: number }> {
    const row = await firstOf(
      this.#database,
      sql`select count(*) filter (where state = 'running')::int as running,
          count(*) filter (where state = 'interrupted' and ended_at > ${this.#clock.now() - 86_400_000})::int as interrupted
        from arriero.generations where state in ('running', 'interrupted')`,
    );
    return { running: Number(row?.["running"] ?? 0), interruptedLastDay: Number(row?.["interrupted"] ?? 0) };
  }
}

/** Postgres takes no NUL and no half of a surrogate pair in jsonb either, escaped as they come out of `stringify`. */
const json = (value: unknown): string => JSON.stringify(value, (_, each) => (typeof each === "string" ? storable(each) : each));

const list = (ids: readonly string[]) =>
  sql.join(
    ids.map((id) => sql`${id}`),
    sql`, `,
  );

/** A process of this machine that is not there any more. Of another machine's processes only silence tells. */
function isGone(holder: string): boolean {
  const mark = markOf(holder);
  return mark !== null && mark.space !== null && isOfOwnSpace(mark) && !isSameProcess(mark);
}

/** A holder's name: its process, and a number of its own for two in one process. */
export const holderName = (mark: ProcessMark, own: string): string => JSON.stringify({ ...mark, own });

function markOf(holder: string): ProcessMark | null {
  try {
    const { pid, space, started } = JSON.parse(holder) as ProcessMark;
    return { pid, started, space };
  } catch {
    return null;
  }
}

function toHeld(row: Row): HeldGeneration {
  return {
    id: row["id"] as string,
    messageId: row["message_id"] as string,
    owner: { personId: row["person_id"] as string, organisationId: row["organisation_id"] as string },
    asked: row["request"] as AnswerAsked,
    attempt: Number(row["attempt"]),
    lastSeq: Number(row["last_seq"]),
  };
}

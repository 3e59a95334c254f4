import { ArrieroError, type page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type PageAsked, placeOf } from "../database/cursor.ts";
import type { Database, Transaction } from "../database/database.ts";
import { firstOf, inTransaction, newId, rowsOf, storable } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { MESSAGE, toMessage } from "./message-row.ts";
import { isOwn, isReadable, notHere } from "./visible.ts";

/** A message of a branch; siblings are the versions of it, its own id included, oldest first. */
export type BranchMessage = page.Message & { readonly siblings: string[] };

/** What an answer is asked of: fixed when the question is put, so that a continuation asks for the same. */
export interface AnswerAsked {
  readonly model: string | null;
  readonly adapter: string | null;
  readonly parameters: page.ChatParameters;
}

export interface StartedAnswer {
  readonly question: page.Message;
  readonly answer: page.Message;
  readonly generationId: string;
  readonly asked: AnswerAsked;
  /** false: this question was put before, and nothing was started. */
  readonly fresh: boolean;
}

/** Turns that a prompt is made of at most, as a generation's request bounds them. */
const MOST_TURNS = 19_000;
const LONGEST_TITLE = 80;

export class DatabaseMessages {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** A branch from `leaf` up, newest first; from the leaf that is shown where none is named. Throws not_found. */
  async branch(
    owner: Owner,
    conversationId: string,
    { cursor, leaf, limit }: PageAsked & { readonly leaf?: string | undefined },
  ): Promise<{ entries: BranchMessage[]; next: string | null }> {
    const conversation = await firstOf(
      this.#database,
      sql`select c.leaf_id from arriero.conversations c where c.id = ${conversationId} and ${isReadable("c", owner)}`,
    );
    if (conversation === null) throw notHere("conversation");
    const from = cursor === undefined ? (leaf ?? (conversation["leaf_id"] as string | null)) : placeOf(cursor).id;
    if (from === null) return { entries: [], next: null };
    const rows = await rowsOf(
      this.#database,
      sql`with recursive branch as (
          select id, parent_id, 1 as depth from arriero.messages where conversation_id = ${conversationId} and id = ${from}
          union all
          select p.id, p.parent_id, b.depth + 1 from branch b
          join arriero.messages p on p.conversation_id = ${conversationId} and p.id = b.parent_id where b.depth < ${limit}
        )
        select ${MESSAGE}, case when m.parent_id is null
          then array(select s.id from arriero.messages s
            where s.conversation_id = ${conversationId} and s.parent_id is null order by s.created_at, s.id limit 1000)
          else array(select s.id from arriero.messages s
            where s.conversation_id = ${conversationId} and s.parent_id = m.parent_id order by s.created_at, s.id limit 1000)
          end as siblings
        from branch b join arriero.messages m on m.id = b.id order by b.depth`,
    );
    if (rows.length === 0) throw notHere("message");
    const entries = rows.map((row) => ({ ...toMessage(row), siblings: row["siblings"] as string[] }));
    const above = entries.at(-1)?.parentId ?? null;
    return { entries, next: entries.length < limit || above === null ? null : `0.${above}` };
  }

  /** The latest message below this one, always taking the latest version. Throws not_found. */
  async leafBelow(owner: Owner, messageId: string): Promise<string> {
    const row = await firstOf(
      this.#database,
      sql`with recursive down as (
          select m.conversation_id, m.id, 1 as depth from arriero.messages m join arriero.conversations c on c.id = m.conversation_id
          where m.id = ${messageId} and ${isReadable("c", owner)}
          union all
          select d.conversation_id, (select k.id from arriero.messages k where k.conversation_id = d.conversation_id and k.parent_id = d.id
            order by k.created_at desc, k.id desc limit 1), d.depth + 1 from down d where d.id is not null
        ) select id from down where id is not null order by depth desc limit 1`,
    );
    if (row === null) throw notHere("message");
    return row["id"] as string;
  }

  /** Throws not_found. */
  async read(owner: Owner, messageId: string): Promise<page.Message> {
    const row = await firstOf(
      this.#database,
      sql`select ${MESSAGE} from arriero.messages m join arriero.conversations c on c.id = m.conversation_id
        where m.id = ${messageId} and ${isReadable("c", owner)}`,
    );
    if (row === null) throw notHere("message");
    return toMessage(row);
  }

  /**
   * Puts a question, and an empty answer that a generation is to fill: all or nothing. A question that is there already is
   * answered with what was started then. Throws not_found, and conflict for an id that is another question's.
   */
  async ask(owner: Owner, conversationId: string, asked: page.NewMessage, holder: string): Promise<StartedAnswer> {
    return inTransaction(this.#database, async (tx) => {
      const conversation = await this.#lock(tx, owner, conversationId);
      if (asked.id !== undefined) {
        const before = await this.#asked(tx, conversationId, asked.id);
        if (before !== null) return before;
      }
      const parentId = asked.parentId === undefined ? conversation.leafId : asked.parentId;
      const questionId = asked.id ?? newId("msg");
      const now = this.#clock.now();
      const made = await firstOf(
        tx,
        sql`insert into arriero.messages (id, conversation_id, parent_id, role, state, text, created_at, updated_at)
          select ${questionId}, ${conversationId}, ${parentId}, 'user', 'complete', ${storable(asked.text)}, ${now}::bigint, ${now}::bigint
          where ${parentId}::text is null
            or exists (select 1 from arriero.messages m where m.conversation_id = ${conversationId} and m.id = ${parentId})
          on conflict (id) do nothing returning id`,
      );
      if (made === null)
        throw new ArrieroError("conflict", "The message's id is taken, or the message that it follows is not there.");
      await this.#attach(tx, owner, questionId, asked.attachments);
      const started = await this.#answer(tx, owner, conversationId, questionId, choose(asked, conversation), holder);
      await tx.execute(
        sql`update arriero.conversations set messages = messages + 2, leaf_id = ${started.answerId}, updated_at = ${now},
          title = case when title = '' then ${titleOf(asked.text)} else title end where id = ${conversationId}`,
      );
      return this.#started(tx, questionId, started);
    });
  }

  /** Another answer beside this one, to the same question. Throws not_found, and conflict where it is no answer. */
  async retry(owner: Owner, answerId: string, wanted: Choices, holder: string): Promise<StartedAnswer> {
    return inTransaction(this.#database, async (tx) => {
      const row = await firstOf(
        tx,
        sql`select m.conversation_id, m.parent_id, m.role, m.model, m.adapter, m.parameters from arriero.messages m
          join arriero.conversations c on c.id = m.conversation_id where m.id = ${answerId} and ${isOwn("c", owner)}`,
      );
      if (row === null) throw notHere("message");
      if (row["role"] !== "assistant" || row["parent_id"] === null) {
        throw new ArrieroError("conflict", "Only an answer can be tried again.", {
          hint: "Edit a question by sending another one.",
        });
      }
      const conversationId = row["conversation_id"] as string;
      const conversation = await this.#lock(tx, owner, conversationId);
      const questionId = row["parent_id"] as string;
      const started = await this.#answer(tx, owner, conversationId, questionId, choose(wanted, conversation), holder);
      await tx.execute(
        sql`update arriero.conversations set messages = messages + 1, leaf_id = ${started.answerId},
          updated_at = ${this.#clock.now()} where id = ${conversationId}`,
      );
      return this.#started(tx, questionId, started);
    });
  }

  /**
   * The turns above an answer, first one first, and the conversation's system message: what its prompt is made of. Not for
   * pages: whoever asks holds the generation. Each with where the branch was cut when it was answered.
   */
  async turnsAbove(answerId: string): Promise<{ system: string; turns: readonly page.Message[] }> {
    const rows = await rowsOf(
      this.#database,
      sql`with recursive branch as (
          select conversation_id, parent_id as id, 1 as depth from arriero.messages where id = ${answerId}
          union all
          select b.conversation_id, p.parent_id, b.depth + 1 from branch b
          join arriero.messages p on p.conversation_id = b.conversation_id and p.id = b.id where b.depth < ${MOST_TURNS}
        )
        select ${MESSAGE} from branch b join arriero.messages m on m.id = b.id order by b.depth desc`,
    );
    const system = await firstOf(
      this.#database,
      sql`select c.system from arriero.conversations c join arriero.messages m on m.conversation_id = c.id where m.id = ${answerId}`,
    );
    return { system: (system?.["system"] as string | undefined) ?? "", turns: rows.map(toMessage) };
  }

  async #lock(tx: Transaction, owner: Owner, id: string) {
    const row = await firstOf(
      tx,
      sql`select c.leaf_id, c.model, c.adapter, c.parameters from arriero.conversations c where c.id = ${id} and ${isOwn("c", owner)} for update`,
    );
    if (row === null) throw notHere("conversation");
    return {
      leafId: row["leaf_id"] as string | null,
      model: row["model"] as string | null,
      adapter: row["adapter"] as string | null,
      parameters: row["parameters"] as page.ChatParameters,
    };
  }

  async #asked(tx: Transaction, conversationId: string, questionId: string): Promise<StartedAnswer | null> {
    const row = await firstOf(
      tx,
      sql`select a.id, a.generation_id, a.model, a.adapter, a.parameters from arriero.messages q join arriero.messages a on a.conversation_id = q.conversation_id and a.parent_id = q.id
        where q.id = ${questionId} and q.conversation_id = ${conversationId} and q.role = 'user' order by a.created_at, a.id limit 1`,
    );
    if (row === null) return null;
    const asked = {
      model: row["model"] as string | null,
      adapter: row["adapter"] as string | null,
      parameters: (row["parameters"] ?? {}) as page.ChatParameters,
    };
    const ids = { answerId: row["id"] as string, generationId: row["generation_id"] as string, asked };
    return { ...(await this.#started(tx, questionId, ids)), fresh: false };
  }

  async #attach(tx: Transaction, owner: Owner, messageId: string, ids: readonly string[]): Promise<void> {
    for (const [position, id] of ids.entries()) {
      const taken = await firstOf(
        tx,
        sql`update arriero.attachments a set message_id = ${messageId}, position = ${position}
          where a.id = ${id} and a.message_id is null and ${isOwn("a", owner)} returning a.id`,
      );
      if (taken === null) throw notHere("attachment");
    }
  }

  async #answer(tx: Transaction, owner: Owner, conversationId: string, questionId: string, asked: AnswerAsked, holder: string) {
    const answerId = newId("msg");
    const generationId = newId("gen");
    const now = this.#clock.now();
    await tx.execute(
      sql`insert into arriero.messages (id, conversation_id, parent_id, role, state, text, model, adapter, parameters, generation_id,
          created_at, updated_at)
        values (${answerId}, ${conversationId}, ${questionId}, 'assistant', 'running', '', ${asked.model}, ${asked.adapter},
          ${JSON.stringify(asked.parameters)}::jsonb, ${generationId}, ${now}, ${now})`,
    );
    await tx.execute(
      sql`insert into arriero.generations (id, message_id, conversation_id, person_id, organisation_id, state, request, holder,
          heartbeat_at, created_at)
        values (${generationId}, ${answerId}, ${conversationId}, ${owner.personId}, ${owner.organisationId}, 'running',
          ${storable(JSON.stringify(asked))}::jsonb, ${holder}, ${now}, ${now})`,
    );
    return { answerId, generationId, asked };
  }

  async #started(
    tx: Transaction,
    questionId: string,
    { answerId, asked, generationId }: { readonly answerId: string; readonly generationId: string; readonly asked: AnswerAsked },
  ): Promise<StartedAnswer> {
    const rows = await rowsOf(tx, sql`select ${MESSAGE} from arriero.messages m where m.id in (${questionId}, ${answerId})`);
    const of = (id: string) => toMessage(rows.find((row) => row["id"] === id)!);
    return { question: of(questionId), answer: of(answerId), generationId, asked, fresh: true };
  }
}

/** What is not named is the conversation's. */
type Choices = { readonly [K in keyof AnswerAsked]?: AnswerAsked[K] | undefined };

function choose(wanted: Choices, conversation: AnswerAsked): AnswerAsked {
  const named = wanted.model !== undefined;
  return {
    model: wanted.model ?? (named ? null : conversation.model),
    // An adapter is of a model: with another model the conversation's does not count.
    adapter: wanted.adapter === undefined ? (named ? null : conversation.adapter) : wanted.adapter,
    parameters: wanted.parameters ?? conversation.parameters,
  };
}

/** The beginning of its first question: its first line, cut between words. */
export function titleOf(text: string): string {
  const line = storable(text)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .replaceAll(/\s+/g, " ");
  const letters = [...line];
  if (letters.length <= LONGEST_TITLE) return line;
  const cut = letters.slice(0, LONGEST_TITLE).join("");
  const space = cut.lastIndexOf(" ");
  return `${space > LONGEST_TITLE / 2 ? cut.slice(0, space) : cut}…`;
}

import type { page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { firstOf, newId, type Row, rowsOf, storable } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { isOwn, notHere } from "./visible.ts";

const MOST_FOLDERS = 1_000;

type PromptText = Pick<page.Prompt, "name" | "text" | "shared">;

/** Folders and prompts. */
export class DatabaseLibrary {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async folders(owner: Owner): Promise<page.Folder[]> {
    const rows = await rowsOf(
      this.#database,
      sql`select f.id, f.name, (select count(*) from arriero.conversations c where c.folder_id = f.id)::int as conversations
        from arriero.folders f where ${isOwn("f", owner)} order by f.name, f.id limit ${MOST_FOLDERS}`,
    );
    return rows.map(toFolder);
  }

  async createFolder(owner: Owner, name: string): Promise<page.Folder> {
    const id = newId("fold");
    await rowsOf(
      this.#database,
      sql`insert into arriero.folders (id, person_id, organisation_id, name, created_at)
        values (${id}, ${owner.personId}, ${owner.organisationId}, ${storable(name)}, ${this.#clock.now()})`,
    );
    return { id, name: storable(name), conversations: 0 };
  }

  /** Throws not_found. */
  async renameFolder(owner: Owner, id: string, name: string): Promise<page.Folder> {
    const row = await firstOf(
      this.#database,
      sql`update arriero.folders f set name = ${storable(name)} where f.id = ${id} and ${isOwn("f", owner)}
        returning f.id, f.name, (select count(*) from arriero.conversations c where c.folder_id = f.id)::int as conversations`,
    );
    if (row === null) throw notHere("folder");
    return toFolder(row);
  }

  /** Throws not_found. */
  async deleteFolder(owner: Owner, id: string): Promise<void> {
    const gone = await firstOf(
      this.#database,
      sql`delete from arriero.folders f where f.id = ${id} and ${isOwn("f", owner)} returning f.id`,
    );
    if (gone === null) throw notHere("folder");
  }

  /** One's own and those shared in the organisation, latest first. */
  async prompts(owner: Owner, { cursor, limit }: PageAsked): Promise<Page<page.Prompt>> {
    const { at, id } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select p.*, p.person_id = ${owner.personId} as own from arriero.prompts p
        where p.organisation_id = ${owner.organisationId} and (p.person_id = ${owner.personId} or p.shared)
          and (p.updated_at, p.id) < (${at}, ${id})
        order by p.updated_at desc, p.id desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["updated_at"]), id: row["id"] as string }), toPrompt);
  }

  async createPrompt(owner: Owner, { name, shared, text }: PromptText): Promise<page.Prompt> {
    const row = await firstOf(
      this.#database,
      sql`insert into arriero.prompts (id, person_id, organisation_id, name, text, shared, updated_at)
        values (${newId("prm")}, ${owner.personId}, ${owner.organisationId}, ${storable(name)}, ${storable(text)}, ${shared},
          ${this.#clock.now()}) returning *, true as own`,
    );
    return toPrompt(row!);
  }

  /** Only what is named. Throws not_found, also for what others share. */
  async changePrompt(owner: Owner, id: string, { name, shared, text }: { [K in keyof PromptText]?: PromptText[K] | undefined }) {
    const row = await firstOf(
      this.#database,
      sql`update arriero.prompts p set name = coalesce(${name === undefined ? null : storable(name)}, p.name),
          text = coalesce(${text === undefined ? null : storable(text)}, p.text), shared = coalesce(${shared ?? null}::boolean, p.shared),
          updated_at = ${this.#clock.now()}
        where p.id = ${id} and ${isOwn("p", owner)} returning p.*, true as own`,
    );
    if (row === null) throw notHere("prompt");
    return toPrompt(row);
  }

  /** Throws not_found. */
  async deletePrompt(owner: Owner, id: string): Promise<void> {
    const gone = await firstOf(
      this.#database,
      sql`delete from arriero.prompts p where p.id = ${id} and ${isOwn("p", owner)} returning p.id`,
    );
    if (gone === null) throw notHere("prompt");
  }
}

const toFolder = (row: Row): page.Folder => ({
  id: row["id"] as string,
  name: row["name"] as string,
  conversations: Number(row["conversations"]),
});

const toPrompt = (row: Row): page.Prompt => ({
  id: row["id"] as string,
  name: row["name"] as string,
  text: row["text"] as string,
  shared: row["shared"] as boolean,
  own: row["own"] as boolean,
  updatedAt: Number(row["updated_at"]),
});

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "@arriero/fleet";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FILE_LIMITS } from "../files/file-store.ts";
import { eventually } from "../testing/eventually.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

const OWN = "owner-key";
const SLOW = 60_000;
/** How often the runner looks. */
const LOOK_MS = 500;
let folder: string;
let store: FakeStore;
let late = 0;
const opened: TestGateway[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "arriero-work-"));
  store = new FakeStore();
  late = 0;
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function world(
  changes: { fileBytes?: number; unfinished?: number; openStore?: () => Promise<FakeStore>; after?: Clock["after"] } = {},
) {
  const from = await startTestGateway({
    gateway: {
      requireKey: true,
      keys: [OWN],
      openStore: changes.openStore ?? (async () => store),
      clock: { now: () => Date.now() + late, after: changes.after ?? systemClock.after },
      routing: {
        models: [],
        residency: { allowedRegions: null, dataClass: null, allowUndefinedBoundary: null },
        ownRegions: ["ch"],
      },
      work: {
        folder,
        files: { ...FILE_LIMITS, fileBytes: changes.fileBytes ?? 100_000 },
        batches: { concurrency: 3, lines: 50, unfinished: changes.unfinished ?? 5 },
      },
    },
  });
  opened.push(from);
  const as = (apiKey: string) => new OpenAI({ baseURL: `${from.url}/v1`, apiKey, maxRetries: 0 });
  return { from, as, client: as(OWN) };
}

const line = (id: string, body: object, url = "/v1/chat/completions") =>
  JSON.stringify({ custom_id: id, method: "POST", url, body });
const chatLine = (id: string, content = "one two three", more: object = {}) =>
  line(id, { model: "arriero-demo", messages: [{ role: "user", content }], seed: 1, ...more });

const upload = async (client: OpenAI, lines: readonly string[]) =>
  client.files.create({ file: await toFile(Buffer.from(lines.join("\n")), "requests.jsonl"), purpose: "batch" });

async function begin(client: OpenAI, lines: readonly string[], endpoint: "/v1/chat/completions" | "/v1/embeddings") {
  const file = await upload(client, lines);
  return client.batches.create({ input_file_id: file.id, endpoint, completion_window: "24h", metadata: { why: "test" } });
}

const ended = (client: OpenAI, id: string) =>
  eventually(
    "the batch's end",
    async () => {
      const batch = await client.batches.retrieve(id);
      return ["completed", "failed", "expired", "cancelled"].includes(batch.status) ? batch : null;
    },
    SLOW,
  );

interface OutputLine {
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: Record<string, never> } | null;
  readonly error: { readonly code: string } | null;
}

async function read(client: OpenAI, id: string | null | undefined): Promise<OutputLine[]> {
  const text = await (await client.files.content(id!)).text();
  return text
    .trim()
    .split("\n")
    .map((each) => JSON.parse(each) as OutputLine);
}

const byId = (lines: readonly OutputLine[]) => lines.map(({ custom_id }) => custom_id).sort();

describe("files", () => {
  it("are kept, listed, read and deleted by the client, and seen by nobody else", async () => {
    const { as, client } = await world();
    const made = await client.files.create({
      file: await toFile(Buffer.from("\0\xff\r\n--x\r\n", "latin1"), "ähm.bin"),
      purpose: "user_data",
      expires_after: { anchor: "created_at", seconds: 3600 },
    });
    expect(made).toMatchObject({ object: "file", bytes: 9, filename: "ähm.bin", purpose: "user_data" });
    expect(made.expires_at).toBe(made.created_at + 3600);
    const other = await upload(client, [chatLine("a")]);
    const listed = async (own: OpenAI, query = {}) => (await own.files.list(query)).data.map(({ id }) => id);
    expect(new Set(await listed(client))).toEqual(new Set([made.id, other.id]));
    expect(await listed(client, { purpose: "batch" })).toEqual([other.id]);
    expect(await client.files.retrieve(made.id)).toEqual(made);
    const bytes = Buffer.from(await (await client.files.content(made.id)).arrayBuffer());
    expect(bytes.toString("latin1")).toBe("\0\xff\r\n--x\r\n");
    const stranger = as(store.addKey("s"));
    expect(await listed(stranger)).toEqual([]);
    const { files } = stranger;
    // One after the other: a refusal that comes while another is waited for would be nobody's.
    for (const ask of [() => files.retrieve(made.id), () => files.content(made.id), () => files.delete(made.id)]) {
      await expect(ask()).rejects.toMatchObject({ status: 404, code: "not_found" });
    }
    expect(await client.files.delete(other.id)).toEqual({ id: other.id, object: "file", deleted: true });
    late = 3_600_000;
    expect(await listed(client)).toEqual([]);
    await expect(client.files.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it("are refused where they are too large, no form, or not as a form should be, and leave nothing behind", async () => {
    const { client, from } = await world({ fileBytes: 1_000 });
    await expect(upload(client, [chatLine("a", "x".repeat(2_000))])).rejects.toMatchObject({
      status: 413,
      code: "body_too_large",
    });
    const send = async (body: string, type = "multipart/form-data; boundary=b") => {
      const headers = { authorization: `Bearer ${OWN}`, "content-type": type };
      const response = await fetch(`${from.url}/v1/files`, { method: "POST", body, headers });
      const { error } = (await response.json()) as { error: { code: string; param: string | null } };
      return [response.status, error.code, error.param];
    };
    const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nabc\r\n';
    const purpose = (value: string) => `--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n${value}\r\n`;
    expect(await send("{}", "application/json")).toEqual([415, "unsupported_media_type", null]);
    expect(await send(`${purpose("batch")}--b--\r\n`)).toEqual([400, "invalid_request", "file"]);
    expect(await send(`${file}--b--\r\n`)).toEqual([400, "invalid_request", "purpose"]);
    expect(await send(`${file}${purpose("loot")}--b--\r\n`)).toEqual([400, "invalid_request", "purpose"]);
    expect((await send(file.slice(0, -3)))[0]).toBe(400);
    expect((await send("no form at all"))[0]).toBe(400);
    expect((await send(file, "multipart/form-data"))[0]).toBe(415);
    expect(readdirSync(join(folder, "files"))).toEqual([]);
  });

  it("do not come to rest where the caller's policy forbids it", async () => {
    const { as, client } = await world();
    const key = as(store.addKey("a", { allowedRegions: ["eu-*"] }));
    await expect(upload(key, [chatLine("a")])).rejects.toMatchObject({ status: 403, code: "forbidden" });
    const headers = { "arriero-data-class": "confidential" };
    const file = await toFile(Buffer.from("x"), "f");
    await expect(client.files.create({ file, purpose: "batch" }, { headers })).rejects.toMatchObject({ status: 403 });
  });
});

describe("a batch", () => {
  it("runs each line once, tells answers from refusals, and bills each line by a row of its own", { timeout: SLOW }, async () => {
    const { as, from } = await world();
    await from.ready();
    const client = as(store.addKey("a", { models: ["arriero-demo"] }));
    const good = ["a", "b", "c", "d", "e"];
    const lines = [...good.map((id) => chatLine(id)), line("x", { model: "other", messages: [{ role: "user", content: "x" }] })];
    const made = await begin(client, [...lines, chatLine("y", "one", { stream: true }), "", ""], "/v1/chat/completions");
    expect(made).toMatchObject({ object: "batch", endpoint: "/v1/chat/completions", metadata: { why: "test" } });
    expect(made.expires_at).toBe(made.created_at + 86_400);
    const batch = await ended(client, made.id);
    expect(batch).toMatchObject({ status: "completed", errors: null, request_counts: { total: 7, completed: 5, failed: 2 } });
    const output = await read(client, batch.output_file_id);
    expect(byId(output)).toEqual(good);
    for (const { error, response } of output) {
      expect([error, response?.status_code, response?.body["object"]]).toEqual([null, 200, "chat.completion"]);
    }
    const errors = await read(client, batch.error_file_id);
    expect(errors.map(({ custom_id, response }) => [custom_id, response?.status_code]).sort()).toEqual([
      ["x", 404],
      ["y", 400],
    ]);
    const rows = store.rows.filter(({ id }) => id.startsWith(made.id));
    expect(rows.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4, 5].map((number) => `${made.id}-${number}`));
    expect(rows.every(({ ends, keyId }) => keyId === "key_a" && ends.length === 1 && ends[0]?.status === "completed")).toBe(true);
    expect(batch.usage?.output_tokens).toBe(rows.reduce((sum, { ends }) => sum + (ends[0]?.completionTokens ?? 0), 0));
    expect((await client.batches.list()).data.map(({ id }) => id)).toEqual([made.id]);
    expect((await as(OWN).batches.list()).data).toEqual([]);
    await expect(as(OWN).batches.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.batches.cancel(made.id)).rejects.toMatchObject({ status: 409, code: "conflict" });
    const logged = from.logged.filter(({ method }) => method === "BATCH");
    expect(logged.length).toBe(7);
    expect(JSON.stringify(logged)).not.toContain("one two three");
  });

  it("embeds", { timeout: SLOW }, async () => {
    const { client, from } = await world();
    await from.ready();
    const lines = ["a", "b"].map((id) => line(id, { model: "arriero-demo", input: id }, "/v1/embeddings"));
    const batch = await ended(client, (await begin(client, lines, "/v1/embeddings")).id);
    expect(byId(await read(client, batch.output_file_id))).toEqual(["a", "b"]);
    expect(batch.error_file_id).toBeNull();
  });

  it("fails as a whole where its input cannot be read, saying which lines", { timeout: SLOW }, async () => {
    const { client } = await world();
    const lines = [chatLine("a"), "{", chatLine("a"), line("b", {}, "/v1/embeddings")];
    const batch = await ended(client, (await begin(client, lines, "/v1/chat/completions")).id);
    expect(batch.status).toBe("failed");
    expect(batch.errors?.data?.map(({ code, line, param }) => [line, code, param])).toEqual([
      [2, "invalid_json", null],
      [3, "invalid_request", "custom_id"],
      [4, "invalid_request", "url"],
    ]);
    expect(store.rows).toEqual([]);
  });

  it("ends when it is cancelled, and keeps what it has", { timeout: SLOW }, async () => {
    const { client, from } = await world();
    await from.ready();
    const lines = [chatLine("quick"), ...["a", "b", "c", "d"].map((id) => chatLine(id, "delay:5000 one two three"))];
    const made = await begin(client, lines, "/v1/chat/completions");
    await eventually("the quick line's row", () => store.rows.find(({ ends, id }) => id.endsWith("-1") && ends.length > 0));
    const asked = await client.batches.cancel(made.id);
    expect(asked.status).toBe("cancelling");
    const batch = await ended(client, made.id);
    expect(batch).toMatchObject({ status: "cancelled", request_counts: { total: 5, completed: 1, failed: 0 } });
    expect(byId(await read(client, batch.output_file_id))).toEqual(["quick"]);
    // What runs for nobody is not left running.
    await eventually("no running request", async () => from.fleet.list().every(({ outstanding }) => outstanding === 0));
  });

  it("expires, and says so of each line that did not run", { timeout: SLOW }, async () => {
    const { client, from } = await world();
    await from.ready();
    const lines = [chatLine("quick"), ...["a", "b", "c", "d"].map((id) => chatLine(id, "delay:5000 one two three"))];
    const made = await begin(client, lines, "/v1/chat/completions");
    await eventually("the quick line's row", () => store.rows.find(({ ends, id }) => id.endsWith("-1") && ends.length > 0));
    late = 86_400_000;
    const batch = await ended(client, made.id);
    expect(batch).toMatchObject({ status: "expired", request_counts: { total: 5, completed: 1, failed: 4 } });
    const errors = await read(client, batch.error_file_id);
    expect(errors.map(({ custom_id, error, response }) => [custom_id, error?.code, response])).toEqual(
      ["a", "b", "c", "d"].map((id) => [id, "batch_expired", null]),
    );
  });

  it("waits for a ledger that is still opening, so that no line is told and never billed", { timeout: SLOW }, async () => {
    let open = (_: FakeStore): void => undefined;
    const opening = new Promise<FakeStore>((resolve) => {
      open = resolve;
    });
    let looks = 0;
    const { client } = await world({
      openStore: () => opening,
      after: (ms, then) => {
        if (ms === LOOK_MS) looks++;
        return systemClock.after(ms, then);
      },
    });
    const { id } = await begin(client, [chatLine("a"), chatLine("b")], "/v1/chat/completions");
    const begunAt = looks;
    await eventually("three looks at the folder", async () => looks >= begunAt + 3 || null, SLOW);
    expect((await client.batches.retrieve(id)).status).toBe("validating");
    open(store);
    expect((await ended(client, id)).request_counts).toEqual({ total: 2, completed: 2, failed: 0 });
    expect(store.rows.filter(({ ends }) => ends.length === 1)).toHaveLength(2);
  });

  it("goes on with the next gateway where one stopped", { timeout: SLOW }, async () => {
    const first = await world();
    await first.from.ready();
    const ids = Array.from({ length: 12 }, (_, index) => `l${index}`);
    const made = await begin(
      first.client,
      ids.map((id) => chatLine(id, "delay:20 one two three")),
      "/v1/chat/completions",
    );
    await eventually("a first line's row", () => store.rows.some(({ ends }) => ends.length > 0));
    await opened.pop()!.close();
    const second = await world();
    const batch = await ended(second.client, made.id);
    expect(batch).toMatchObject({ status: "completed", request_counts: { total: 12, completed: 12, failed: 0 } });
    expect(byId(await read(second.client, batch.output_file_id))).toEqual([...ids].sort());
  });

  it("is refused beyond the bounds, and of files that are not for it", async () => {
    const { as, client } = await world({ unfinished: 0 });
    const file = await upload(client, [chatLine("a")]);
    const ask = { endpoint: "/v1/chat/completions", completion_window: "24h" } as const;
    await expect(client.batches.create({ ...ask, input_file_id: file.id })).rejects.toMatchObject({
      status: 429,
      code: "queue_full",
    });
    await expect(as(store.addKey("s")).batches.create({ ...ask, input_file_id: file.id })).rejects.toMatchObject({ status: 404 });
    const data = await client.files.create({ file: await toFile(Buffer.from("x"), "f"), purpose: "user_data" });
    await expect(client.batches.create({ ...ask, input_file_id: data.id })).rejects.toMatchObject({ param: "input_file_id" });
  });
});

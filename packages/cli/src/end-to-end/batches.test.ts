import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { expect, it } from "vitest";
import { run } from "../testing/spawned-command.ts";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

/** Making the database takes seconds, on a busy machine a minute and more. */
const DEADLINE_MS = 300_000;
const LINES = 24;

it(
  "a batch goes on where kill -9 stopped it: each line is answered once and billed once",
  async () => {
    const first = await startServer(["--require-key"]);
    let second: RunningServer | null = null;
    try {
      const key = readFileSync(join(first.home, "keys", "api-keys"), "utf8")
        .trim()
        .split("\n")
        .at(-1)!;
      const clientOf = ({ url }: RunningServer) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
      const ids = Array.from({ length: LINES }, (_, index) => `line-${index}`);
      const lines = ids.map((custom_id) => {
        const messages = [{ role: "user", content: `What is Arriero? (${custom_id})` }];
        const body = { model: "arriero-demo", messages, max_tokens: 24, seed: 1 };
        return JSON.stringify({ custom_id, method: "POST", url: "/v1/chat/completions", body });
      });
      const before = clientOf(first);
      const file = await toFile(Buffer.from(lines.join("\n")), "requests.jsonl");
      const { id: input_file_id } = await before.files.create({ file, purpose: "batch" });
      const made = await before.batches.create({ input_file_id, endpoint: "/v1/chat/completions", completion_window: "24h" });
      const log = join(first.home, "work", "batches", `${made.id}.log`);
      const logged = () => {
        try {
          return readFileSync(log, "utf8").split("\n").length - 1;
        } catch {
          return 0;
        }
      };
      await eventually(() => logged() >= 4, "a few lines", DEADLINE_MS);
      first.process.kill("SIGKILL");
      await once(first.process, "exit");
      expect(logged()).toBeLessThan(LINES);

      second = await startServer(["--require-key"], first.home);
      const after = clientOf(second);
      const batch = await eventually(
        async () => {
          const found = await after.batches.retrieve(made.id);
          return found.status === "completed" ? found : null;
        },
        "the batch's end",
        DEADLINE_MS,
      );
      expect(batch.request_counts).toEqual({ total: LINES, completed: LINES, failed: 0 });
      const output = (await (await after.files.content(batch.output_file_id!)).text()).trim().split("\n");
      expect(output.map((line) => JSON.parse(line).custom_id).sort()).toEqual(ids.sort());
      const billed = await eventually(
        async () => {
          const { code, stdout } = await run(["usage", "--json"], { ARRIERO_HOME: first.home, DATABASE_URL: "" });
          const total = code === 0 ? JSON.parse(stdout).total : null;
          return total !== null && total.requests >= LINES && total;
        },
        "the rows of all lines",
        DEADLINE_MS,
      );
      expect(billed.requests).toBe(LINES);
    } finally {
      // A process that was killed is stopped already.
      await (first.process.signalCode === null ? first : second)?.stop();
      // The database's process ends by itself when nobody uses it; its folder may go before.
      rmSync(first.home, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
    }
  },
  3 * DEADLINE_MS,
);

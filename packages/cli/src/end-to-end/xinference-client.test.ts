import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startServer } from "./running-server.ts";

/** A Python that has the package `xinference-client` 0.14. */
const PYTHON = process.env.ARRIERO_TEST_PYTHON ?? "python3";
const SCRIPT = fileURLToPath(new URL("drive-xinference.py", import.meta.url));
const hasClient = spawnSync(PYTHON, ["-c", "import xinference_client"]).status === 0;

describe.skipIf(!hasClient)(`Xinference's client (skipped where ${PYTHON} has no xinference-client)`, () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  test("launches, chats, streams, completes, embeds and terminates", async () => {
    const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, server.url], { timeout: 60_000 });
    const seen = JSON.parse(stdout);
    expect(seen.types).toMatchObject({ "arriero-demo": "LLM", "my-llm": "LLM", "my-vectors": "embedding" });
    expect(seen.handles).toEqual(["RESTfulChatModelHandle", "RESTfulEmbeddingModelHandle"]);
    expect(seen.chat).toMatch(/Arriero/);
    expect(seen.streamed).toBe(seen.chat);
    expect(seen.completion).not.toBe("");
    expect(seen.dimensions).toBeGreaterThan(1);
    expect(seen.wrong).toContain("temperature must be a number from 0 to 2");
    expect(seen.unknown).toContain("[model_not_found]");
    expect(seen.terminated).toContain("There is no model my-llm here");
  });
});

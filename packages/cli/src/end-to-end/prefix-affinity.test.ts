import { findBinaries } from "@arriero/ggml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

const native = findBinaries().some(({ verdict }) => verdict === "used");
let server: RunningServer;

interface Answer {
  readonly choices: readonly { readonly message: { readonly role: "assistant"; readonly content: string } }[];
  readonly usage: { readonly prompt_tokens: number; readonly prompt_tokens_details: { readonly cached_tokens: number } };
}

interface Replica {
  readonly id: string;
  readonly state: string;
  readonly pid: number;
}

async function ask(messages: readonly unknown[]): Promise<Answer> {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "arriero-demo", messages, max_tokens: 8, temperature: 0 }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Answer;
}

const cached = ({ usage }: Answer): number => usage.prompt_tokens_details.cached_tokens;
const replicas = async () => (await (await fetch(`${server.url}/arriero/v1/replicas`)).json()) as Replica[];
const bothReady = () =>
  eventually(async () => (await replicas()).filter(({ state }) => state === "ready").length === 2, "both replicas");

interface Conversation {
  readonly messages: unknown[];
  /** Of its last turn. */
  promptTokens: number;
}

const goOn = ({ messages }: Conversation, content: string) => ask([...messages, { role: "user", content }]);

describe.skipIf(!native)("two replicas (skipped where there are no native binaries)", { timeout: 180_000 }, () => {
  const conversations: Conversation[] = [];

  beforeAll(async () => {
    server = await startServer(["--replicas", "2"]);
    await bothReady();
    for (const words of ["Llamas carry wool.", "Ships carry grain.", "Trains carry ore.", "Birds carry seeds."]) {
      const messages: unknown[] = [{ role: "user", content: `${words} What else do they carry, and how far in one day?` }];
      const answer = await ask(messages);
      messages.push(answer.choices[0]!.message);
      conversations.push({ messages, promptTokens: answer.usage.prompt_tokens });
    }
  }, 180_000);
  afterAll(() => server?.stop());

  it("the second turn of each conversation reads nothing of the first again", async () => {
    // In an order in which turns alone would send each to the wrong replica.
    for (const index of [1, 0, 3, 2]) {
      const conversation = conversations[index]!;
      const answer = await goOn(conversation, "And why?");
      expect(cached(answer)).toBeGreaterThanOrEqual(conversation.promptTokens - 1);
    }
  });

  it("what a replica held is forgotten when it is started again, and the conversation has a new home after one turn", async () => {
    const [killed] = await replicas();
    process.kill(killed!.pid, "SIGKILL");
    await eventually(async () => (await replicas()).every(({ pid, id }) => id !== killed!.id || pid !== killed!.pid), "its end");
    await bothReady();
    let lost = 0;
    for (const conversation of conversations) {
      const kept = conversation.promptTokens - 1;
      if (cached(await goOn(conversation, "And how?")) < kept) lost++;
      // Whoever answered holds it now.
      expect(cached(await goOn(conversation, "And when?"))).toBeGreaterThanOrEqual(kept);
    }
    // Turns spread the four over two replicas.
    expect(lost).toBe(2);
  });
});

// Writes chats, logs of generations and usage until it is killed: `node store-writer.mjs STORE OWNER LANES`. Each line of
// its output is a write that the store has acknowledged, or one that it refused.
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { holderName, openStore, processMark } from "../../dist/index.js";

const [place, owner, lanes] = process.argv.slice(2).map((argument) => JSON.parse(argument));
const holder = holderName(processMark(), "writer");
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);
/** Of any length up to `most` characters, some of several bytes. */
const words = (most) => `${randomBytes(randomInt(1, most)).toString("base64")} ñ 🦙 \u{10ffff}`;

// A gateway tries again too where the database dies while it is being opened.
const store = await insist(() => openStore(place));
await Promise.all(Array.from({ length: lanes }, lane));

async function lane() {
  for (let chat = null; ; ) {
    chat ??= await insist(() => store.pages.conversations.create(owner, {}).then(({ id }) => id));
    const asked = { id: `msg_${randomUUID()}`, text: words(3000), attachments: [] };
    // A question that got no answer is put again, as a page does, and is one question all the same.
    const { answer, generationId } = await insist(() => store.pages.messages.ask(owner, chat, asked, holder));
    say({ kind: "message", id: asked.id, text: asked.text });
    await answerIt(generationId, answer.id).catch(refused);
    await bill(randomUUID()).catch(refused);
    if (randomInt(8) === 0) chat = null;
  }
}

async function answerIt(generationId, answerId) {
  let text = "";
  let seq = 0;
  for (let pieces = randomInt(1, 6); pieces > 0; pieces--) {
    const piece = { type: "text", text: words(200), tokens: [seq] };
    if ((await store.pages.generations.append(generationId, holder, seq, [{ kind: "pieces", pieces: [piece] }])) === null) return;
    text += piece.text;
    seq++;
    say({ kind: "log", id: generationId, seq, text: piece.text });
  }
  // Some are left as they are: what a killed server has under way.
  if (randomInt(4) === 0) return;
  const rest = { reasoning: "", toolCalls: [], adapter: null, finishReason: "stop", usage: null, dropped: null, error: null };
  if ((await store.pages.generations.end(generationId, holder, { state: "complete", text, model: "m", ...rest })) === null)
    return;
  say({ kind: "message", id: answerId, text });
}

async function bill(id) {
  const tokens = randomInt(1, 1_000_000);
  const { organisationId } = owner;
  const entry = await store.ledger.begin({ id, organisationId, keyId: null, model: "m", adapter: null, startedAt: Date.now() });
  entry.end({ status: "completed", completionTokens: tokens, endedAt: Date.now() });
  await entry.recorded();
  say({ kind: "usage", id, tokens });
}

/** What `act` answers, once it does. */
async function insist(act) {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      refused(error);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function refused(error) {
  say({ kind: "refused", code: error.code ?? "none", message: String(error.message) });
}

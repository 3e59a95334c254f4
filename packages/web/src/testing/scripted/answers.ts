import type { IncomingMessage, ServerResponse } from "node:http";
import type { page } from "@arriero/spec";
import { notFound } from "./routes.ts";
import type { Generation, StoredMessage, World } from "./world.ts";

/** From the leaf up. */
export function branchOf(world: World, leafId: string | null): StoredMessage[] {
  const branch: StoredMessage[] = [];
  for (let id = leafId; id !== null; ) {
    const message: StoredMessage | undefined = world.messages.get(id);
    if (!message) break;
    branch.push(message);
    id = message.parentId;
  }
  return branch;
}

export const siblingsOf = (world: World, message: StoredMessage): string[] =>
  // A message whose parent is another's child can have siblings only there.
  [...world.messages.values()]
    .filter((one) => one.conversationId === message.conversationId && one.parentId === message.parentId)
    .map((one) => one.id);

export function leafBelow(world: World, id: string): string {
  const child = [...world.messages.values()].filter((one) => one.parentId === id).at(-1);
  return child ? leafBelow(world, child.id) : id;
}

export function addMessage(world: World, conversation: page.Conversation, given: Partial<StoredMessage>): StoredMessage {
  const message: StoredMessage = {
    id: world.nextId("msg"),
    conversationId: conversation.id,
    parentId: conversation.leafId,
    role: "user",
    state: "complete",
    text: "",
    reasoning: "",
    toolCalls: [],
    attachments: [],
    createdAt: world.now(),
    model: null,
    adapter: null,
    generationId: null,
    finishReason: null,
    usage: null,
    dropped: null,
    error: null,
    ...given,
  };
  world.messages.set(message.id, message);
  conversation.leafId = message.id;
  conversation.messages++;
  return message;
}

type Question = { id?: string; parentId: string | null; text: string; attachments: readonly (string | page.Attachment)[] };

/** Puts the question (unless it is there) and begins to write its answer, a word at a time. */
export function startAnswer(world: World, conversation: page.Conversation, asked: Question): page.Started {
  const known = asked.id === undefined ? undefined : world.messages.get(asked.id);
  const attachments = asked.attachments.flatMap((one) => (typeof one === "string" ? (world.attachments.get(one) ?? []) : one));
  const question = known ?? addMessage(world, conversation, { parentId: asked.parentId, text: asked.text, attachments });
  if (conversation.title === "") conversation.title = asked.text.split("\n")[0]!.slice(0, 60);
  const generationId = world.nextId("gen");
  const answer = addMessage(world, conversation, {
    parentId: question.id,
    role: "assistant",
    state: "running",
    model: conversation.model ?? world.models[0]?.name ?? "demo",
    adapter: conversation.adapter,
    generationId,
  });
  conversation.running = true;
  conversation.updatedAt = world.now();
  const generation: Generation = { id: generationId, messageId: answer.id, log: [], watchers: new Set(), timer: undefined };
  world.generations.set(generationId, generation);
  const words = world.answer(question.text).match(/\s*\S+|\s+$/g) ?? [];
  append(generation, { type: "begin", model: answer.model!, adapter: null, promptTokens: 42, cachedTokens: 30, dropped: null });
  const write = () => {
    const word = words.shift();
    if (word === undefined) return end(world, generation, "complete");
    answer.text += word;
    append(generation, { type: "delta", text: word });
    generation.timer = setTimeout(write, world.paceMs);
  };
  generation.timer = setTimeout(write, world.paceMs);
  return { generationId, question: { ...question }, answer: { ...answer } };
}

function append(generation: Generation, update: page.GenerationUpdate): void {
  generation.log.push(update);
  for (const watcher of generation.watchers) watcher(update, generation.log.length);
}

function end(world: World, generation: Generation, state: "complete" | "stopped"): void {
  clearTimeout(generation.timer);
  const message = world.messages.get(generation.messageId)!;
  if (message.state !== "running") return;
  const tokens = generation.log.length;
  Object.assign(message, {
    state,
    finishReason: state === "complete" ? "stop" : "cancelled",
    usage: {
      promptTokens: 42,
      cachedTokens: 30,
      completionTokens: tokens,
      reasoningTokens: 0,
      costMicros: 0,
      ttftMs: 120,
      decodeMs: tokens * 25,
    },
  } satisfies Partial<StoredMessage>);
  const conversation = world.conversations.get(message.conversationId);
  if (conversation) conversation.running = false;
  append(generation, { type: "end", message });
}

export function stopAnswer(world: World, id: string): void {
  const generation = world.generations.get(id);
  if (!generation) throw notFound("such generation");
  end(world, generation, "stopped");
}

/** SSE from behind `Last-Event-ID`, or from a snapshot. */
export function watch(world: World, id: string, request: IncomingMessage, response: ServerResponse): void {
  const generation = world.generations.get(id);
  if (!generation) throw notFound("such generation");
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const write = (update: page.GenerationUpdate, position: number) => {
    response.write(`event: ${update.type}\nid: ${position}\ndata: ${JSON.stringify(update)}\n\n`);
    if (update.type === "end") response.end();
  };
  const seen = request.headers["last-event-id"];
  if (typeof seen === "string") {
    for (let at = Number(seen); at < generation.log.length; at++) write(generation.log[at]!, at + 1);
  } else {
    const { text, reasoning, toolCalls, dropped, state } = world.messages.get(generation.messageId)!;
    write({ type: "snapshot", messageId: generation.messageId, text, reasoning, toolCalls, dropped }, generation.log.length);
    if (state !== "running") write(generation.log.at(-1)!, generation.log.length);
  }
  generation.watchers.add(write);
  response.on("close", () => generation.watchers.delete(write));
}

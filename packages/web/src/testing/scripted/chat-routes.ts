import type { page } from "@arriero/spec";
import { branchOf, leafBelow, siblingsOf, startAnswer, stopAnswer, watch } from "./answers.ts";
import { readBytes } from "./read-bytes.ts";
import { type Handlers, notFound, pageOf } from "./routes.ts";
import type { Account, World } from "./world.ts";

function owned(world: World, me: Account, id: string | undefined): page.Conversation {
  const conversation = world.conversations.get(id ?? "");
  if (conversation?.owner.id !== me.person.id) throw notFound("such conversation");
  return conversation;
}

const mine = (world: World, me: Account) => [...world.conversations.values()].filter((one) => one.owner.id === me.person.id);

export function addConversation(world: World, me: Account, given: Partial<page.Conversation>): page.Conversation {
  const conversation: page.Conversation = {
    id: world.nextId("cnv"),
    title: "",
    folderId: null,
    pinned: false,
    archived: false,
    model: null,
    adapter: null,
    createdAt: world.now(),
    updatedAt: world.now(),
    running: false,
    system: "",
    parameters: {},
    leafId: null,
    messages: 0,
    owner: { id: me.person.id, name: me.person.name },
    ...given,
  };
  world.conversations.set(conversation.id, conversation);
  return conversation;
}

/** What was asked for, without what was not named. */
const named = <T extends object>(asked: T) =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));

export const chatRoutes: Handlers = {
  listConversations: ({ world, me, query }) =>
    pageOf(
      mine(world, me)
        .filter(
          (one) =>
            one.archived === query.archived &&
            (query.pinned === undefined || one.pinned === query.pinned) &&
            (query.folder === undefined || one.folderId === query.folder),
        )
        .sort((a, b) => b.updatedAt - a.updatedAt),
      query,
    ),
  createConversation: ({ world, me, body }) => addConversation(world, me, named(body)),
  readConversation: ({ world, me, path }) => owned(world, me, path["id"]),
  changeConversation: ({ world, me, path, body }) => Object.assign(owned(world, me, path["id"]), named(body)),
  deleteConversation: ({ world, me, path }) => {
    world.conversations.delete(owned(world, me, path["id"]).id);
    return undefined;
  },
  listFolders: ({ world }) => ({ entries: world.folders }),
  createFolder: ({ world, body }) => {
    const folder = { id: world.nextId("fld"), name: body.name, conversations: 0 };
    world.folders.push(folder);
    return folder;
  },
  renameFolder: ({ world, path, body }) => Object.assign(world.folders.find((one) => one.id === path["id"])!, body),
  deleteFolder: ({ world, me, path }) => {
    world.folders = world.folders.filter((one) => one.id !== path["id"]);
    for (const one of mine(world, me)) if (one.folderId === path["id"]) one.folderId = null;
    return undefined;
  },
  listPrompts: ({ world, query }) => pageOf(world.prompts, query),
  createPrompt: ({ world, body }) => {
    const prompt = { ...body, id: world.nextId("prm"), own: true, updatedAt: world.now() };
    world.prompts.push(prompt);
    return prompt;
  },
  changePrompt: ({ world, path, body }) => Object.assign(world.prompts.find((one) => one.id === path["id"])!, named(body)),
  deletePrompt: ({ world, path }) => {
    world.prompts = world.prompts.filter((one) => one.id !== path["id"]);
    return undefined;
  },
  search: ({ world, me, query }) => {
    const hits: page.SearchHit[] = [];
    const wanted = query.q.toLowerCase();
    for (const one of mine(world, me)) {
      const about = { conversationId: one.id, title: one.title, at: one.updatedAt };
      if (one.title.toLowerCase().includes(wanted)) hits.push({ ...about, messageId: null, excerpt: marked(one.title, wanted) });
      for (const message of world.messages.values()) {
        if (message.conversationId !== one.id || !message.text.toLowerCase().includes(wanted)) continue;
        hits.push({ ...about, messageId: message.id, excerpt: marked(message.text, wanted) });
      }
    }
    return pageOf(hits, query);
  },
  listMessages: ({ world, me, path, query }) => {
    const conversation = owned(world, me, path["id"]);
    const branch = branchOf(world, query.leaf ?? conversation.leafId);
    const { entries, next } = pageOf(branch, query);
    return { entries: entries.map((message) => ({ ...message, siblings: siblingsOf(world, message) })), next };
  },
  sendMessage: ({ world, me, path, body }) => {
    const conversation = owned(world, me, path["id"]);
    const parentId = body.parentId === undefined ? conversation.leafId : body.parentId;
    return startAnswer(world, conversation, { parentId, text: body.text, attachments: body.attachments });
  },
  retryMessage: ({ world, me, path }) => {
    const answer = world.messages.get(path["id"] ?? "");
    const conversation = owned(world, me, answer?.conversationId);
    return startAnswer(world, conversation, world.messages.get(answer?.parentId ?? "")!);
  },
  branchLeaf: ({ world, path }) => ({ leafId: leafBelow(world, path["id"] ?? "") }),
  watchGeneration: ({ world, path, request, response }) => {
    watch(world, path["id"] ?? "", request, response);
    return undefined;
  },
  stopGeneration: ({ world, path }) => {
    stopAnswer(world, path["id"] ?? "");
    return undefined;
  },
  uploadAttachment: async ({ world, query, request }) => {
    const bytes = await readBytes(request);
    const attachment: page.Attachment = {
      id: world.nextId("att"),
      name: query.name,
      type: "text/plain",
      sizeBytes: bytes.length,
      kind: "text",
    };
    world.attachments.set(attachment.id, { ...attachment, bytes });
    return attachment;
  },
  listShares: ({ world, query }) => pageOf(world.shares, query),
  createShare: ({ world, me, body }) => {
    const conversation = owned(world, me, body.conversationId);
    const id = world.nextId("shr");
    const messages = branchOf(world, conversation.leafId).reverse();
    const share = { ...body, id, title: conversation.title, path: `/shared/${id}`, createdAt: world.now(), messages };
    world.shares.push(share);
    return share;
  },
  deleteShare: ({ world, path }) => {
    world.shares = world.shares.filter((one) => one.id !== path["id"]);
    return undefined;
  },
  readShared: ({ world, path }) => {
    const share = world.shares.find((one) => one.id === path["id"]);
    if (!share) throw notFound("such link");
    return { title: share.title, by: world.accounts[0]!.person.name, createdAt: share.createdAt, messages: share.messages };
  },
};

function marked(text: string, wanted: string): page.SearchHit["excerpt"] {
  const at = text.toLowerCase().indexOf(wanted);
  return [
    { text: text.slice(Math.max(0, at - 60), at), hit: false },
    { text: text.slice(at, at + wanted.length), hit: true },
    { text: text.slice(at + wanted.length, at + 140), hit: false },
  ].filter((piece) => piece.text !== "");
}

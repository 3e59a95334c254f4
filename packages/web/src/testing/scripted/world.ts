import type { page } from "@arriero/spec";

export interface Account {
  person: page.Person;
  password: string;
  role: page.Role;
  settings: page.Settings;
}

export type StoredMessage = page.Message & { conversationId: string };

/** An answer that is being written: its log, and who watches. */
export interface Generation {
  id: string;
  messageId: string;
  log: page.GenerationUpdate[];
  watchers: Set<(update: page.GenerationUpdate, position: number) => void>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** All that the scripted server knows. Tests and screenshots fill it before they begin. */
export interface World {
  accounts: Account[];
  /** Session cookie to person. */
  sessions: Map<string, string>;
  organisation: page.OrganisationDetail;
  conversations: Map<string, page.Conversation>;
  messages: Map<string, StoredMessage>;
  generations: Map<string, Generation>;
  folders: page.Folder[];
  prompts: page.Prompt[];
  shares: (page.Share & { messages: page.SharedView["messages"] })[];
  attachments: Map<string, page.Attachment & { bytes: Buffer }>;
  models: page.PageModel[];
  keys: page.PageKey[];
  invitations: page.Invitation[];
  audit: page.AuditEntry[];
  usage: page.UsageEntry[];
  /** As they are at a moment. */
  replicas: (at: number) => page.PageReplica[];
  /** The answer to a question. */
  answer: (question: string) => string;
  /** Between two pieces of an answer. */
  paceMs: number;
  nextId: (kind: string) => string;
  now: () => number;
}

export function emptyWorld(): World {
  let count = 0;
  return {
    accounts: [],
    sessions: new Map(),
    organisation: {
      id: "org_1",
      name: "Altiplano",
      adminsReadChats: false,
      residency: { allowedRegions: null, dataClass: null, allowUndefinedBoundary: null },
      budget: null,
      tokenBudget: null,
      members: 1,
      createdAt: 0,
    },
    conversations: new Map(),
    messages: new Map(),
    generations: new Map(),
    folders: [],
    prompts: [],
    shares: [],
    attachments: new Map(),
    models: [],
    keys: [],
    invitations: [],
    audit: [],
    usage: [],
    replicas: () => [],
    answer: (question) => `You said: ${question}`,
    paceMs: 15,
    nextId: (kind) => `${kind}_${String(++count).padStart(16, "0")}`,
    now: Date.now,
  };
}

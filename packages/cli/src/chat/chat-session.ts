import type { ChatCall, ChatTurn } from "../client/chat-client.ts";

/** Turns kept in one conversation; the oldest leave first. */
export const MOST_TURNS = 1000;

/** What the user may change with /set and flags, in the API's own names. */
export interface ChatSettings {
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly min_p?: number;
  readonly repeat_penalty?: number;
  readonly presence_penalty?: number;
  readonly frequency_penalty?: number;
  readonly seed?: number;
  readonly max_tokens?: number;
  readonly stop?: readonly string[];
}

/** One conversation: what is sent is a pure function of it. */
export interface ChatSession {
  readonly model: string;
  readonly system: string | null;
  readonly settings: ChatSettings;
  /** JSON Schema that answers must follow; null: free text. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** user and assistant in turn, without the system prompt. */
  readonly turns: readonly ChatTurn[];
}

export function newSession(model: string): ChatSession {
  return { model, system: null, settings: {}, schema: null, turns: [] };
}

export function withTurn(session: ChatSession, turn: ChatTurn): ChatSession {
  return { ...session, turns: [...session.turns, turn].slice(-MOST_TURNS) };
}

/** Without its last question: the answer failed, and asking again must not send it twice. */
export function withoutLastTurn(session: ChatSession): ChatSession {
  return { ...session, turns: session.turns.slice(0, -1) };
}

/** Without the oldest question and its answer; null when only the newest question is left. */
export function withoutOldestExchange(session: ChatSession): ChatSession | null {
  const next = session.turns.findIndex((turn, index) => index > 0 && turn.role === "user");
  return next < 0 ? null : { ...session, turns: session.turns.slice(next) };
}

/** The body of the next request. */
export function chatCall(session: ChatSession): ChatCall {
  const { model, schema, settings, system, turns } = session;
  return {
    ...settings,
    model,
    messages: [...(system === null ? [] : [{ role: "system" as const, content: system }]), ...turns],
    ...(schema === null
      ? {}
      : { response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } } }),
  };
}

/** A chat completion of nothing but text, for one whole answer: what it asks of a backend, read off the caller's own words. */
export interface PlainChat {
  /** As the caller named it, without an adapter. */
  readonly model: string;
  readonly maxTokens: number | null;
  readonly messages: readonly PlainMessage[];
  /** The backend's body, but for the model's name there and a seed where the caller has none. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly seed: number | null;
}

interface PlainMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

const MOST_MESSAGES = 256;
const MOST_NAME = 256;
const MOST_TOKENS = 1_000_000;
const SEEDS = 2 ** 32;

/**
 * null: the body is not so plain, or not right, and the dialect is to read it. Never widens what the dialect takes; what it
 * gives is what `openAiCall` would ask for after it (law in the test).
 */
export function plainChat(body: unknown): PlainChat | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  let model: string | null = null;
  let messages: readonly PlainMessage[] | null = null;
  let seed: number | null = null;
  let maxTokens: number | null = null;
  const asked: Record<string, unknown> = { model: "", stream: false, temperature: 1, top_p: 1, seed: 0 };
  const said = body as Readonly<Record<string, unknown>>;
  for (const name in said) {
    const value = said[name];
    switch (name) {
      case "model":
        if (typeof value !== "string" || value === "" || value.length > MOST_NAME || value.includes("+")) return null;
        model = value;
        break;
      case "messages":
        if (!isPlainConversation(value)) return null;
        messages = value;
        asked["messages"] = value;
        break;
      case "temperature":
        if (!isWithin(value, 0, 2)) return null;
        asked["temperature"] = value;
        break;
      case "top_p":
        if (!isWithin(value, 0, 1)) return null;
        asked["top_p"] = value;
        break;
      case "max_tokens":
        if (!isWhole(value, 1, MOST_TOKENS)) return null;
        maxTokens = value;
        asked["max_tokens"] = value;
        break;
      case "seed":
        if (!isWhole(value, 0, SEEDS - 1)) return null;
        seed = value;
        break;
      case "stream":
        if (value !== false) return null;
        break;
      case "n":
        if (value !== 1) return null;
        break;
      default:
        return null;
    }
  }
  if (model === null || messages === null) return null;
  return { model, maxTokens, messages, asked, seed };
}

function isPlainConversation(value: unknown): value is readonly PlainMessage[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_MESSAGES) return false;
  for (const message of value as unknown[]) {
    if (typeof message !== "object" || message === null) return false;
    let fields = 0;
    for (const _ in message) fields++;
    const { content, role } = message as Record<string, unknown>;
    if (fields !== 2 || typeof content !== "string" || content === "") return false;
    if (role !== "user" && role !== "system" && role !== "assistant") return false;
  }
  return true;
}

const isWithin = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && value >= least && value <= most;

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && isWithin(value, least, most);

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EngineOptionsInput } from "@arriero/engine";
import type { ErrorBody, EventLine, GenerationEvent, GenerationRequestInput } from "@arriero/spec";
import { ENGINE_ROUTES } from "@arriero/spec";

const MAIN = fileURLToPath(new URL("../../../engine/dist/engine.main.js", import.meta.url));
const DEMO = fileURLToPath(new URL("../../../../models/demo/", import.meta.url));
export const DEMO_MODEL = `${DEMO}arriero-demo.gguf`;
export const DEMO_ADAPTERS = `${DEMO}adapters`;
export const TOKEN = "end-to-end-token-0123456789";

export type Announcement =
  | { readonly event: "listening"; readonly url: string }
  | { readonly event: "ready" }
  | { readonly event: "failed"; readonly error: ErrorBody };

export type Ask = Omit<GenerationRequestInput, "id" | "model" | "sampling"> & {
  readonly sampling?: Partial<GenerationRequestInput["sampling"]>;
};

/** One replica by itself, as a supervisor starts it: options in the environment, a lifeline, lines on stdout. */
export class EngineChild {
  readonly process: ChildProcess;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  readonly #announcements: Announcement[] = [];
  readonly #waiting: (() => void)[] = [];
  #ended = false;

  /** @param environment the options' text; null leaves it out */
  constructor(environment: string | null) {
    const { ARRIERO_ENGINE_OPTIONS: _, ...rest } = process.env;
    const env = environment === null ? rest : { ...rest, ARRIERO_ENGINE_OPTIONS: environment };
    this.process = spawn(process.execPath, [MAIN], { env, stdio: ["pipe", "pipe", "ignore"] });
    this.exited = once(this.process, "exit").then(([code, signal]) => (code as number | null) ?? (signal as string));
    const lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => this.#receive(JSON.parse(line) as Announcement));
    lines.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static of(options: Partial<EngineOptionsInput> = {}): EngineChild {
    const model = { name: "demo", path: DEMO_MODEL, ...options.model };
    const defaults = { token: TOKEN, contextTokens: 4096, threads: 1 };
    return new EngineChild(JSON.stringify({ ...defaults, ...options, model }));
  }

  /** Starts a replica and waits until it can serve. */
  static async ready(options: Partial<EngineOptionsInput> = {}): Promise<EngineChild> {
    const child = EngineChild.of(options);
    await child.announced("ready");
    return child;
  }

  /** The first announcement of a kind, once it came. Throws when the child ends without it. */
  async announced<K extends Announcement["event"]>(kind: K): Promise<Extract<Announcement, { event: K }>> {
    for (;;) {
      const found = this.#announcements.find((each): each is Extract<Announcement, { event: K }> => each.event === kind);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`no ${kind} line; there were ${JSON.stringify(this.#announcements)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async call(method: string, path: string, body?: unknown, token: string | null = TOKEN): Promise<Response> {
    const { url } = await this.announced("listening");
    const headers = { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    return fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  async start(ask: Ask, signal?: AbortSignal): Promise<Response> {
    const { url } = await this.announced("listening");
    const request = { id: "end-to-end", model: "demo", ...ask, sampling: { seed: 1, temperature: 0, ...ask.sampling } };
    return fetch(url + ENGINE_ROUTES.generate.path, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(request),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** A whole generation. */
  async generate(ask: Ask): Promise<GenerationEvent[]> {
    return readEvents(await this.start(ask));
  }

  async stop(): Promise<number | string> {
    this.process.kill("SIGTERM");
    return this.exited;
  }

  #receive(announcement: Announcement): void {
    this.#announcements.push(announcement);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The events of a response, as they come; throws where it is an error or breaks off. */
export async function readEvents(
  response: Response,
  onEvent: (event: GenerationEvent) => void = () => {},
): Promise<GenerationEvent[]> {
  if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
  const events: GenerationEvent[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      const [position, event] = JSON.parse(line) as EventLine;
      if (position !== events.length) throw new Error(`line ${position} where line ${events.length} was due`);
      events.push(event);
      onEvent(event);
    }
  }
  return events;
}

/** What an answer said: its choices' text, tokens and calls, and how each ended. */
export interface Said {
  readonly text: string;
  readonly calls: string;
  readonly tokens: readonly number[];
  readonly finish: string | null;
}

export function said(events: readonly GenerationEvent[], choice = 0): Said {
  let text = "";
  let calls = "";
  let finish: string | null = null;
  const tokens: number[] = [];
  for (const event of events) {
    if (event.type === "error") throw new Error(`${event.error.code}: ${event.error.message}`);
    if (event.type === "start" || event.type === "usage" || event.choice !== choice) continue;
    tokens.push(...event.tokens);
    if (event.type === "text" || event.type === "reasoning") text += event.text;
    else if (event.type === "tool-call")
      calls += `${event.name === undefined ? "" : `|${event.id} ${event.name} `}${event.arguments}`;
    else if (event.type === "finish") finish = `${event.reason} ${event.stopSequence}`;
  }
  return { text, calls, tokens, finish };
}

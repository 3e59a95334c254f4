import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { continueGeneration, type PickUpstream } from "../upstream/continuation.ts";
import { deliverGeneration } from "../upstream/deliver-generation.ts";
import type { EnginePools } from "../upstream/engine-pools.ts";
import type { OpenAiOptions } from "../upstream/openai/openai-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { FAULTS, type Fault, patienceMs } from "./faults.ts";
import { startFaultyUpstream } from "./faulty-upstream.ts";
import { requestOf } from "./scripted-generation.ts";
import { openAi, UPSTREAMS } from "./upstreams-under-test.ts";
import { openAiWire, type Wire } from "./wires.ts";

const PIECES = ["The", " caravan", ":\n\n", "🦙", " goes", " on", ", año", " tras", " año", "."];
const CHAT = { kind: "chat" as const, messages: [{ role: "user" as const, content: "hello" }] };

/** What a caller got: the text, and `usage` where the answer is whole, else the code of the error that ended it. */
export interface Outcome {
  readonly text: string;
  readonly ended: string;
}

export const WHOLE: Outcome = { text: PIECES.join(""), ended: "usage" };
export const SAMPLED = requestOf({ input: CHAT, sampling: { temperature: 0.8, seed: 7 } });
export const GREEDY = requestOf({ input: CHAT, sampling: { temperature: 0, seed: 7 } });
export const FAULTY_PIECES: readonly string[] = PIECES;

/** In order, leaving out those to be avoided. */
export const inOrder =
  (...upstreams: Upstream[]): PickUpstream =>
  async (avoid) => {
    const upstream = upstreams.find(({ id }) => (avoid.get(id) ?? 0) <= Date.now());
    if (upstream === undefined) throw new ArrieroError("replica_unavailable", "none is left");
    return { upstream, release: () => undefined };
  };

/** Asked for event by event, or given to a sink: the first attempt of the latter is relayed where the upstream can. */
export type Manner = "asked for" | "delivered";

/** The answer to a request over what `pick` gives. Throws where the events are not those of one generation. */
export async function outcomeOf(pick: PickUpstream, request: GenerationRequest, manner: Manner = "asked for"): Promise<Outcome> {
  const events: GenerationEvent[] = [];
  const options = { pick, limits: GATEWAY_LIMITS, clock: systemClock, signal: new AbortController().signal };
  let ended = "nothing";
  try {
    if (manner === "asked for") for await (const event of continueGeneration(request, options)) events.push(event);
    else await deliverGeneration(request, options, (given) => void events.push(...given));
    const last = events.at(-1);
    ended = last?.type === "error" ? last.error.code : (last?.type ?? "nothing");
  } catch (thrown) {
    ended = thrown instanceof ArrieroError ? thrown.code : String(thrown);
  }
  const count = (type: GenerationEvent["type"]) => events.filter((event) => event.type === type).length;
  if (count("start") > 1 || count("finish") > 1) throw new Error("two answers in one");
  if (ended === "usage" && events.at(-2)?.type !== "finish") throw new Error("an answer that ended without being finished");
  return { text: events.map((event) => (event.type === "text" ? event.text : "")).join(""), ended };
}

/** One backend that fails, and who else is there. */
interface Column {
  readonly name: string;
  readonly wire: Wire;
  readonly request: GenerationRequest;
  first(pools: EnginePools, origin: string, patienceMs: number): Upstream;
  /** null: nobody. */
  readonly second: ((pools: EnginePools, origin: string) => Upstream) | null;
}

const openAiAs =
  (more: Partial<OpenAiOptions>) =>
  (pools: EnginePools, origin: string, ms?: number): Upstream =>
    openAi(pools, origin, more, ms);
const [engine, , ollama] = UPSTREAMS as typeof UPSTREAMS & { length: 3 };
const COUNTED = openAiAs({ runningUsage: true });

export const FAULT_COLUMNS: readonly Column[] = [
  { ...engine!, name: "our engine, another replica", first: engine!.open, second: engine!.open, request: SAMPLED },
  {
    name: "OpenAI-compatible, another that takes a prefill",
    wire: openAiWire,
    first: COUNTED,
    second: openAiAs({}),
    request: SAMPLED,
  },
  {
    name: "the same, another that does not, temperature 0",
    wire: openAiWire,
    first: COUNTED,
    second: openAiAs({ prefill: "none" }),
    request: GREEDY,
  },
  {
    name: "the same, another that does not, sampled",
    wire: openAiWire,
    first: COUNTED,
    second: openAiAs({ prefill: "none" }),
    request: SAMPLED,
  },
  { ...ollama!, name: "Ollama, another", first: ollama!.open, second: ollama!.open, request: SAMPLED },
  { name: "OpenAI-compatible, alone", wire: openAiWire, first: openAiAs({}), second: null, request: SAMPLED },
];

/** `whole`: the full and correct answer; else the code of the error that ended it, behind a true beginning or nothing. */
export async function faultCell(pools: EnginePools, fault: Fault, column: Column): Promise<string> {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const bad = await startFaultyUpstream({ wire: column.wire, pieces: PIECES, fault, gate });
  const good = column.second === null ? null : await startFaultyUpstream({ wire: column.wire, pieces: PIECES });
  try {
    const first = watched(column.first(pools, bad.origin, patienceMs(fault)), open);
    const pick = good === null ? inOrder(first) : inOrder(first, column.second!(pools, good.origin));
    const { ended, text } = await outcomeOf(pick, column.request);
    if (ended === "usage") return text === WHOLE.text ? "whole" : `WRONG: ${JSON.stringify(text)}`;
    // Repeated text of a server that counts nothing is passed on before it is found out; the error says so.
    return WHOLE.text.startsWith(text) || fault === "duplicated chunk" ? `\`${ended}\`` : `WRONG: ${JSON.stringify(text)}`;
  } finally {
    await Promise.all([bad.close().catch(() => undefined), good?.close()]);
  }
}

/** Tells of the first output that was passed on. */
function watched(upstream: Upstream, onOutput: () => void): Upstream {
  return {
    id: upstream.id,
    capabilities: upstream.capabilities,
    embed: (request, signal) => upstream.embed(request, signal),
    async *generate(request, signal) {
      for await (const event of upstream.generate(request, signal)) {
        yield event;
        if (event.type === "text") onOutput();
      }
    },
  };
}

/** As it stands in docs/reliability.md. */
export function faultTable(cells: (fault: Fault, column: Column) => string): string {
  const row = (parts: readonly string[]) => `| ${parts.join(" | ")} |`;
  const rows = FAULTS.map((fault) => row([fault, ...FAULT_COLUMNS.map((column) => cells(fault, column))]));
  return [row(["fault", ...FAULT_COLUMNS.map(({ name }) => name)]), `|---|${"---|".repeat(FAULT_COLUMNS.length)}`, ...rows].join(
    "\n",
  );
}

import type { PriorityClass } from "@arriero/spec";

/** One admitted sequence, as the policy sees it. */
export interface RunningView {
  readonly key: number;
  readonly priority: PriorityClass;
  readonly adapter: string;
  /** Prompt tokens whose KV is not computed yet; 0: decoding. */
  readonly prefillLeft: number;
  /** Order of admission, ascending. */
  readonly admitted: number;
}

export interface StepSnapshot {
  readonly running: readonly RunningView[];
  /** Which adapter's turn it is: the step number at which each last ran. */
  readonly adapterTurns: ReadonlyMap<string, number>;
  /** Tokens of one batch at most. */
  readonly batchTokens: number;
  /** Prefill tokens allowed while streams run, so that they advance soon. */
  readonly prefillBudget: number;
  /** One batch for both phases, or steps that alternate. */
  readonly mixesPhases: boolean;
  /** One batch for all adapters, or steps that take turns. */
  readonly mixesAdapters: boolean;
  /** What the last step did, where steps alternate. */
  readonly lastPhase: "decode" | "prefill";
}

export interface StepPlan {
  readonly decode: readonly number[];
  readonly prefill: readonly { readonly key: number; readonly tokens: number }[];
}

const RANK: Record<PriorityClass, number> = { realtime: 0, interactive: 1, batch: 2 };

/** More urgent first; among equals the one admitted first. */
export function byUrgency(a: Pick<RunningView, "priority" | "admitted">, b: Pick<RunningView, "priority" | "admitted">): number {
  return RANK[a.priority] - RANK[b.priority] || a.admitted - b.admitted;
}

/**
 * What one step computes: every decoding sequence (of one adapter, where they take turns), and with it (or in turns with it, as the runner
 * prefers) a bounded chunk of prefill (Sarathi-Serve, Agrawal et al. 2024), so that a long prompt delays running streams
 * by one chunk and never by its whole length.
 * Prefill is first come first served within its class: finishing one prompt early beats advancing all of them.
 *
 * @returns null where nothing runs.
 */
export function planStep(snapshot: StepSnapshot): StepPlan | null {
  if (snapshot.running.length === 0) return null;
  const turn = snapshot.mixesAdapters ? null : nextAdapter(snapshot);
  const group = snapshot.running.filter(({ adapter }) => turn === null || adapter === turn).sort(byUrgency);
  const decoding = group.filter((sequence) => sequence.prefillLeft === 0).slice(0, snapshot.batchTokens);
  const prefillTurn = snapshot.lastPhase === "decode" && decoding.length < group.length;
  const decode = snapshot.mixesPhases || !prefillTurn ? decoding : [];
  let room = snapshot.batchTokens - decode.length;
  if (decoding.length > 0)
    room = Math.min(room, snapshot.prefillBudget * patience(decoding.length, group.length - decoding.length));
  if (!snapshot.mixesPhases && decode.length > 0) room = 0;
  const prefill: { key: number; tokens: number }[] = [];
  for (const sequence of group) {
    if (sequence.prefillLeft === 0 || room <= 0) continue;
    const tokens = Math.min(sequence.prefillLeft, room);
    prefill.push({ key: sequence.key, tokens });
    room -= tokens;
  }
  return { decode: decode.map((sequence) => sequence.key), prefill };
}

const MOST_PATIENCE = 4;

/**
 * How many budgets of prefill a step may take. After a burst of arrivals a few running streams wait a little longer, so
 * that the many prompts behind them do not wait for a step of decoding between every two of them.
 */
function patience(decoding: number, prefilling: number): number {
  return Math.min(Math.max(1, Math.floor(prefilling / decoding)), MOST_PATIENCE);
}

/** The adapter that waited longest; one with realtime work goes before those without. */
function nextAdapter(snapshot: StepSnapshot): string {
  const urgency = new Map<string, number>();
  for (const { adapter, priority } of snapshot.running) {
    urgency.set(adapter, Math.min(urgency.get(adapter) ?? RANK.batch, RANK[priority] === 0 ? 0 : 1));
  }
  const turn = (adapter: string) => snapshot.adapterTurns.get(adapter) ?? -1;
  const order = [...urgency].sort(([a, rankA], [b, rankB]) => rankA - rankB || turn(a) - turn(b));
  return (order[0] as [string, number])[0];
}

/** Who yields when cells run out: the least urgent, and of those the latest; null where only `except` runs. */
export function choosePreempted(running: readonly RunningView[], except: number): number | null {
  const others = running.filter((sequence) => sequence.key !== except).sort(byUrgency);
  return others.at(-1)?.key ?? null;
}

/** Who pauses for a waiting request of class `priority` where all places are taken: a strictly less urgent one, the latest. */
export function choosePaused(running: readonly RunningView[], priority: PriorityClass): number | null {
  const lowest = [...running].sort(byUrgency).at(-1);
  return lowest !== undefined && RANK[lowest.priority] > RANK[priority] ? lowest.key : null;
}

export function moreUrgent(a: PriorityClass, b: PriorityClass): boolean {
  return RANK[a] < RANK[b];
}

/** Prefill tokens that fit beside decodes in about `stepMs`, from the measured speed of prefill; a multiple of 16. */
export function prefillBudget(stepMs: number, msPerToken: number | null, floor: number, ceiling: number): number {
  if (msPerToken === null || msPerToken <= 0) return Math.min(Math.max(floor, 64), ceiling);
  const fitting = Math.floor(stepMs / msPerToken / 16) * 16;
  return Math.min(Math.max(floor, fitting), ceiling);
}

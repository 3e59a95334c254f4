/** An event of Chromium's trace, as far as it is read here. Times in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Of `dur`, what the thread was at work. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

const TASK = "RunTask";
const FRAME = "BeginMainThreadFrame";

/**
 * The main thread's work in each frame, ms: the tasks from one frame's beginning to the next one's. Of several tabs' main
 * threads, the one that drew most frames.
 * @param time `dur`: by the clock on the wall; `tdur`: without what the machine spent on others meanwhile
 */
export function frameWork(events: readonly TraceEvent[], time: "dur" | "tdur"): number[] {
  const threads = new Map<string, { frames: number[]; tasks: TraceEvent[] }>();
  const names = new Map<string, string>();
  const keyOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  for (const event of events) {
    if (event.name === "thread_name") names.set(keyOf(event), event.args?.name ?? "");
    const isFrame = event.name === FRAME;
    if (!isFrame && !(event.ph === "X" && event.name === TASK)) continue;
    const thread = threads.get(keyOf(event)) ?? { frames: [], tasks: [] };
    threads.set(keyOf(event), thread);
    if (isFrame) thread.frames.push(event.ts);
    else thread.tasks.push(event);
  }
  const [busiest] = [...threads]
    .filter(([key]) => names.get(key) === "CrRendererMain")
    .map(([, thread]) => thread)
    .sort((a, b) => b.frames.length - a.frames.length);
  return busiest === undefined ? [] : workBetween(busiest.frames, busiest.tasks, time);
}

/** A task belongs to the frame that begins within it, else to the one that was begun before. */
function workBetween(frames: readonly number[], tasks: readonly TraceEvent[], time: "dur" | "tdur"): number[] {
  const begins = [...frames].sort((a, b) => a - b);
  const work = begins.map(() => 0);
  let at = -1;
  for (const { dur = 0, ts, tdur = 0 } of [...tasks].sort((a, b) => a.ts - b.ts)) {
    while (at + 1 < begins.length && begins[at + 1]! < ts + dur) at++;
    if (at >= 0) work[at]! += (time === "dur" ? dur : tdur) / 1000;
  }
  // The last frame is not whole.
  return work.slice(0, -1);
}

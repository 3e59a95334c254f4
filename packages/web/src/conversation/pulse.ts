/** Moments of a pulse: how many pieces came in each of the last `COLUMNS` of `BEAT_MS`. */
const BEAT_MS = 250;
const COLUMNS = 30;

/** The beats after `count` more pieces at time `now`; `at` is when the newest beat began, in milliseconds. */
export interface Pulse {
  readonly at: number;
  readonly beats: readonly number[];
}

export const restingPulse = (now: number): Pulse => ({ at: now, beats: [] });

export function beat(pulse: Pulse, now: number, count: number): Pulse {
  const passed = Math.min(COLUMNS, Math.max(0, Math.floor((now - pulse.at) / BEAT_MS)));
  const beats = [...pulse.beats, ...Array.from({ length: passed }, () => 0)];
  if (beats.length === 0) beats.push(0);
  beats[beats.length - 1]! += count;
  return { at: pulse.at + Math.floor((now - pulse.at) / BEAT_MS) * BEAT_MS, beats: beats.slice(-COLUMNS) };
}

import type { PullProgress } from "@arriero/engine";
import { band, shuttle } from "../terminal/band.ts";
import type { Screen } from "../terminal/screen.ts";
import { bytes, percent, rate, span } from "../terminal/units.ts";

/** Weight of the newest measurement in the smoothed rate. */
const SMOOTHING = 0.25;
/** The least time between two measurements of the rate, in milliseconds. */
const RATE_MS = 500;
const BAND_CELLS = 40;

/** Rate of a download from what has arrived, smoothed. Only bytes of this run, while it downloads, count as speed. */
export class RateMeter {
  #at: number | null = null;
  #bytes = 0;
  #perSecond: number | null = null;

  /** Takes a reading and gives bytes per second; null until two readings lie far enough apart. */
  read({ phase, receivedBytes, resumedBytes }: PullProgress, now: number): number | null {
    if (phase !== "downloading") return this.#perSecond;
    const received = receivedBytes - resumedBytes;
    if (this.#at === null || received < this.#bytes) {
      this.#at = now;
      this.#bytes = received;
      return this.#perSecond;
    }
    const elapsed = now - this.#at;
    if (elapsed < RATE_MS) return this.#perSecond;
    const latest = ((received - this.#bytes) / elapsed) * 1000;
    this.#perSecond = this.#perSecond === null ? latest : this.#perSecond + SMOOTHING * (latest - this.#perSecond);
    this.#at = now;
    this.#bytes = received;
    return this.#perSecond;
  }
}

/** What is known of a pull at one moment. */
export interface PullMoment {
  readonly progress: PullProgress;
  /** Bytes per second; null until known. */
  readonly rate: number | null;
  /** Counts up with every painting; places the shuttle where the size is unknown. */
  readonly tick: number;
}

function amount({ receivedBytes, totalBytes }: PullProgress): string {
  return totalBytes === null ? bytes(receivedBytes) : `${bytes(receivedBytes)} of ${bytes(totalBytes)}`;
}

function pace({ progress, rate: speed }: PullMoment): string {
  if (progress.phase !== "downloading" || speed === null) return "";
  const left = progress.totalBytes === null || speed < 1 ? null : ((progress.totalBytes - progress.receivedBytes) / speed) * 1000;
  return `${rate(speed)}${left === null ? "" : `, ${span(left)} left`}`;
}

/** The pull on a terminal: the file, the band woven so far, amount, rate and time left. */
export function pullLines(moment: PullMoment, screen: Screen): string[] {
  const { progress, tick } = moment;
  const { quiet } = screen.palette;
  const cells = Math.max(8, Math.min(BAND_CELLS, screen.columns() - 52));
  const name = `${phaseWord(progress)} ${progress.file}`.trimEnd();
  if (progress.phase === "resolving") return [name, shuttle(tick, cells, screen)];
  const share =
    progress.totalBytes === null ? null : progress.totalBytes === 0 ? 1 : progress.receivedBytes / progress.totalBytes;
  const weave = share === null ? shuttle(tick, cells, screen) : band(share, cells, screen);
  const figures = [share === null ? "" : percent(Math.floor(share * 100) / 100), amount(progress), pace(moment)].filter(
    (text) => text !== "",
  );
  return [name, `${weave}  ${figures[0] ?? ""}  ${quiet(figures.slice(1).join(", "))}`];
}

function phaseWord({ phase }: PullProgress): string {
  return phase === "done" ? "pulled" : phase;
}

/** The pull where output is no terminal: one line. */
export function pullLine(moment: PullMoment): string {
  const { progress } = moment;
  const share = progress.totalBytes ? ` ${percent(Math.floor((progress.receivedBytes / progress.totalBytes) * 100) / 100)},` : "";
  if (progress.phase === "resolving") return `resolving ${progress.file}`.trimEnd();
  return [`${phaseWord(progress)} ${progress.file}:${share} ${amount(progress)}`, pace(moment)]
    .filter((text) => text !== "")
    .join(", ");
}

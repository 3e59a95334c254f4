import { useLanguageName } from "./language.tsx";
import type { LanguageName } from "./text.ts";

const DAY_MS = 86_400_000;

/** Made when it is first wanted: a formatter costs more than a message's drawing, and few are wanted. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function figuresIn(language: LanguageName) {
  const numbers = (options: Intl.NumberFormatOptions) => once(() => new Intl.NumberFormat(language, options));
  const times = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(language, options));
  const whole = numbers({ maximumFractionDigits: 0, useGrouping: "always" } as Intl.NumberFormatOptions);
  const short = numbers({ notation: "compact", maximumFractionDigits: 1 });
  const tenth = numbers({ maximumFractionDigits: 1 });
  const percent = numbers({ style: "percent", maximumFractionDigits: 0 });
  const money = numbers({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
  const date = times({ day: "numeric", month: "short", year: "numeric" });
  const moment = times({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const ago = once(() => new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" }));
  return {
    whole: (value: number) => whole().format(value),
    short: (value: number) => short().format(value),
    tenth: (value: number) => tenth().format(value),
    percent: (value: number) => percent().format(value),
    /** From millionths of the installation's currency. */
    money: (micros: number) => money().format(micros / 1e6),
    price: (amount: number) => money().format(amount),
    date: (at: number) => date().format(at),
    moment: (at: number) => moment().format(at),
    seconds: (ms: number) => `${tenth().format(ms / 1000)} s`,
    /** Of a file or of memory, in decimal units as disks are sold. */
    bytes: (value: number) => {
      const unit = value >= 1e9 ? "GB" : value >= 1e6 ? "MB" : "kB";
      return `${tenth().format(value / (unit === "GB" ? 1e9 : unit === "MB" ? 1e6 : 1e3))} ${unit}`;
    },
    ago: (at: number, now: number) => {
      const seconds = Math.round((at - now) / 1000);
      if (seconds > -60) return ago().format(Math.min(0, seconds), "second");
      if (seconds > -3600) return ago().format(Math.round(seconds / 60), "minute");
      if (seconds > -86_400) return ago().format(Math.round(seconds / 3600), "hour");
      if (now - at < 30 * DAY_MS) return ago().format(Math.round(seconds / 86_400), "day");
      return date().format(at);
    },
  };
}

export type Figures = ReturnType<typeof figuresIn>;

const FIGURES: Record<LanguageName, Figures> = { en: figuresIn("en"), es: figuresIn("es") };

/** Numbers, sizes and times as the reader's language writes them. */
export const useFigures = (): Figures => FIGURES[useLanguageName()];

import { join } from "node:path";
import type { FleetLogEntry } from "@arriero/fleet";
import pino, { type Logger } from "pino";
import type { Config } from "../config/config-schema.ts";
import type { HomeFolder } from "../home/home-folder.ts";
import type { Screen } from "../terminal/screen.ts";
import { LogFile } from "./log-file.ts";

const ERROR = 50;

/** A line of a request among thousands; warnings and errors are on the disk before what comes after them. */
const isRoutine = (line: string): boolean => /^{"level":[123]0,/.test(line);

/** One structured line as a person reads it. */
export function readable(line: string, screen: Screen): string {
  const { level, msg, replica, err } = JSON.parse(line) as {
    level: number;
    msg?: string;
    replica?: string;
    err?: { message?: string };
  };
  const word = level >= ERROR ? screen.palette.accent("error") : screen.palette.strong("warn");
  const what = [replica, msg, err?.message].filter((text) => text !== undefined && text !== "").join(": ");
  return `${word}  ${what}\n`;
}

/** Structured lines to HOME/logs/arriero.log; warnings and errors to `screen` too, readable on a terminal and JSON elsewhere. */
export function openLog(home: HomeFolder, level: Config["logLevel"], screen: Screen): Logger {
  const file = new LogFile(join(home.logs, "arriero.log"));
  const people = { write: (line: string) => screen.write(screen.isTTY ? readable(line, screen) : line) };
  const streams = pino.multistream([
    { level: "debug", stream: { write: (line: string) => (isRoutine(line) ? file.writeSoon(line) : file.write(line)) } },
    { level: "warn", stream: people },
  ]);
  return pino({ level, base: { pid: process.pid } }, streams);
}

/** What the fleet says, on the server's log. */
export function fleetLog(log: Logger): (entry: FleetLogEntry) => void {
  return ({ level, replica, message, fields }) => log[level]({ ...fields, ...(replica === null ? {} : { replica }) }, message);
}

import { type Fields, stringAt } from "./fields.ts";

const MAX_STOPS = 16;
const MAX_STOP_LENGTH = 256;

/** A list of strings that end an answer. Empty ones are dropped, since no text ends at an empty string. */
export function parseStopList(fields: Fields, key: string): string[] {
  const list = fields.list(key, MAX_STOPS) ?? [];
  return list.map((each, i) => stringAt(each, `${fields.at(key)}[${i}]`, MAX_STOP_LENGTH)).filter((each) => each !== "");
}

/** The same, where one string may stand alone. */
export function parseStops(fields: Fields, key: string): string[] {
  const value = fields.raw(key);
  if (typeof value !== "string") return parseStopList(fields, key);
  return value === "" ? [] : [stringAt(value, fields.at(key), MAX_STOP_LENGTH)];
}

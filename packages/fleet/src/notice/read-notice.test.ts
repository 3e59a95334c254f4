import { expect, it } from "vitest";
import { readNotice } from "./read-notice.ts";

const event = (EventType: string, NotBefore = "") => ({ EventType, NotBefore, Resources: ["vm-1"] });
const azure = (...Events: object[]) => JSON.stringify({ DocumentIncarnation: 1, Events });
const at = Date.UTC(2026, 0, 1, 0, 2);

it.each([
  ["AWS", '{"action":"terminate","time":"2026-01-01T00:02:00Z"}', { endsAt: at }],
  ["AWS without a time", '{"action":"stop"}', { endsAt: null }],
  ["Google Cloud", "TRUE", { endsAt: null }],
  ["Google Cloud, nothing yet", "FALSE\n", null],
  ["Azure", azure(event("Freeze"), event("Preempt", "Thu, 01 Jan 2026 00:02:00 GMT")), { endsAt: at }],
  ["Azure, already begun", azure(event("Terminate")), { endsAt: null }],
  ["Azure, a pause", azure(event("Freeze", "Thu, 01 Jan 2026 00:02:00 GMT")), null],
  ["Azure, nothing", azure(), null],
  ["a file", "going at noon", { endsAt: null }],
  ["an empty file", " \n", null],
  ["none", "none", null],
])("%s", (_who, text, notice) => {
  expect(readNotice(text)).toEqual(notice);
});

import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { branchQuery, conversationQuery } from "../conversations/queries.ts";
import { takeAhead } from "./ahead.ts";
import { addressOf } from "./ask.ts";

const SCRIPT = readFileSync(new URL("../../public/ahead.js", import.meta.url), "utf8");

/** What the script asks for on a page of that path. */
function asked(pathname: string, fetch: (url: string) => Promise<Response>): Map<string, Promise<Response>> {
  const window: { arrieroAhead?: Map<string, Promise<Response>> } = {};
  runInNewContext(SCRIPT, { window, location: { pathname }, fetch });
  return window.arrieroAhead ?? new Map();
}

beforeEach(() => void vi.stubGlobal("window", {}));
afterEach(() => vi.unstubAllGlobals());

it("asks for what the page asks for next", async () => {
  const wanted: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    wanted.push(url);
    return Promise.resolve(new Response("{}"));
  });
  const context = { signal: new AbortController().signal, pageParam: null };
  await branchQuery("chat_1").queryFn?.(context as never);
  const conversation = conversationQuery("chat_1").queryFn;
  if (typeof conversation === "function") await conversation(context as never);
  const { url: session } = addressOf("session", undefined, undefined);
  const ok = () => Promise.resolve(new Response("{}"));
  expect([...asked("/c/chat_1", ok).keys()]).toEqual([session, ...wanted]);
  expect([...asked("/settings", ok).keys()]).toEqual([session]);
});

it("is taken once, and only where it was answered well and just now", async () => {
  const clock = vi.spyOn(performance, "now").mockReturnValue(100);
  const answers = asked("/c/a", (url) =>
    url.includes("messages")
      ? Promise.reject(new Error("away"))
      : Promise.resolve(new Response("{}", { status: url.includes("session") ? 200 : 401 })),
  );
  window.arrieroAhead = answers;
  const [session, messages, conversation] = [...answers.keys()] as [string, string, string];
  expect(await (await takeAhead(session))?.text()).toBe("{}");
  for (const url of [session, messages, conversation, "/api/models"]) expect(await takeAhead(url)).toBeNull();
  window.arrieroAhead = asked("/", () => Promise.resolve(new Response("{}")));
  clock.mockReturnValue(60_000);
  expect(await takeAhead(session)).toBeNull();
});

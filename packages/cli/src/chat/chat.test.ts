import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth } from "../terminal/text-width.ts";
import { chatCall, newSession, withoutOldestExchange, withTurn } from "./chat-session.ts";
import { fromModelfile, withSetting } from "./chat-setting.ts";
import { takeLine } from "./multi-line.ts";
import { parseSlashCommand } from "./slash-command.ts";
import { WordFlow } from "./word-flow.ts";

describe("chatCall", () => {
  it("puts the system prompt first and settings beside it", () => {
    const session = withTurn(
      { ...newSession("m"), system: "Be brief.", settings: { temperature: 0, seed: 7 } },
      { role: "user", content: "hi" },
    );
    expect(chatCall(session)).toEqual({
      model: "m",
      temperature: 0,
      seed: 7,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
      ],
    });
  });
  it("asks for the schema", () => {
    const session = { ...newSession("m"), schema: { type: "object" } };
    expect(chatCall(session).response_format).toMatchObject({ type: "json_schema", json_schema: { schema: { type: "object" } } });
  });
});

describe("withoutOldestExchange", () => {
  it("drops a question with its answer, never the newest question", () => {
    const user = (content: string) => ({ role: "user" as const, content });
    const answer = { role: "assistant" as const, content: "a" };
    const session = { ...newSession("m"), turns: [user("1"), answer, user("2")] };
    expect(withoutOldestExchange(session)?.turns).toEqual([user("2")]);
    expect(withoutOldestExchange({ ...session, turns: [user("2")] })).toBeNull();
  });
});

describe("withSetting", () => {
  it("reads numbers within their bounds", () => {
    expect(withSetting({}, "temperature", "0.2")).toEqual({ temperature: 0.2 });
    expect(withSetting({}, "num_predict", 5)).toEqual({ max_tokens: 5 });
    expect(withSetting({}, "stop", ["a", "b"])).toEqual({ stop: ["a", "b"] });
  });
  it.each([
    ["temperature", "warm"],
    ["temperature", ""],
    ["top_p", "2"],
    ["seed", "1.5"],
    ["colour", "1"],
  ])("refuses %s %j", (name, value) => expect(() => withSetting({}, name, value)).toThrow(name));
  it("takes what it can carry of a Modelfile", () =>
    expect(fromModelfile({ temperature: 0.1, num_ctx: 4096, stop: ["x"] })).toEqual({ temperature: 0.1, stop: ["x"] }));
});

describe("takeLine", () => {
  it("joins the lines of a fence", () => {
    const first = takeLine(null, '"""one');
    expect(first).toEqual({ kind: "more", text: "one" });
    expect(takeLine("one", "two")).toEqual({ kind: "more", text: "one\ntwo" });
    expect(takeLine("one\ntwo", '"""')).toEqual({ kind: "message", text: "one\ntwo" });
  });
  it("takes a fence on one line, and passes over nothing", () => {
    expect(takeLine(null, '"""all here"""')).toEqual({ kind: "message", text: "all here" });
    expect(takeLine(null, "   ")).toEqual({ kind: "nothing" });
    expect(takeLine(null, 'say "hi"')).toEqual({ kind: "message", text: 'say "hi"' });
  });
});

describe("parseSlashCommand", () => {
  it.each([
    ["/bye", { kind: "bye" }],
    ["/?", { kind: "help" }],
    ["/set temperature 0.2", { kind: "set", name: "temperature", value: "0.2" }],
    ['/set system "Answer in one word."', { kind: "set", name: "system", value: "Answer in one word." }],
    ["/model", { kind: "model", name: null }],
    ["/save trip", { kind: "save", name: "trip" }],
    ["/etc/hosts is a file", null],
    ["/ what", null],
  ])("%s", (line, command) => expect(parseSlashCommand(line)).toEqual(command));
  it("suggests, and keeps saved conversations in their folder", () => {
    expect(parseSlashCommand("/cler")).toEqual({ kind: "unknown", message: "/cler is no command. Did you mean /clear?" });
    for (const name of ["../x", "..", "a/b", ""]) expect(parseSlashCommand(`/save ${name}`)).toMatchObject({ kind: "unknown" });
  });
});

describe("WordFlow", () => {
  const flow = (pieces: readonly string[], width: number | null) => {
    const words = new WordFlow(() => width);
    return pieces.map((piece) => words.take(piece)).join("") + words.end();
  };
  it("shows whole words", () => {
    const words = new WordFlow(() => 40);
    expect([words.take("a cara"), words.take("van of"), words.end()]).toEqual(["a", " caravan", " of"]);
  });
  it("is the same wherever the pieces break, and fits", () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("llama", " ", "\n", "a", "caravan ", "日本")),
        fc.integer({ min: 8, max: 40 }),
        (pieces, width) => {
          const whole = flow([pieces.join("")], width);
          expect(flow(pieces, width)).toBe(whole);
          expect(whole.replace(/\s+/g, "")).toBe(pieces.join("").replace(/\s+/g, ""));
          for (const line of whole.split("\n"))
            if (line.trim().includes(" ")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    ));
  it("leaves code and piped text as they are", () => {
    const code = "```\nlet caravan = llamas and llamas;\n```\n";
    expect(flow([code], 10)).toBe(code);
    expect(flow(["one two three four"], null)).toBe("one two three four");
  });
});

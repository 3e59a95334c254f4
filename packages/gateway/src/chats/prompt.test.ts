import type { page } from "@arriero/spec";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cutFurther, inheritedCut, promptOf } from "./prompt.ts";

const turn = (id: string, role: "user" | "assistant", text: string): page.Message => ({
  id,
  parentId: null,
  role,
  state: "complete",
  text,
  reasoning: "",
  toolCalls: [],
  attachments: [],
  createdAt: 0,
  model: null,
  adapter: null,
  generationId: null,
  finishReason: null,
  usage: null,
  dropped: null,
  error: null,
});
const branch = (...texts: string[]) =>
  texts.map((text, index) => turn(`m${index}`, index % 2 === 0 ? "user" : "assistant", text));
const files = new Map([["m0", [{ name: "a.txt", text: "in a" }]]]);

it("law: the prompt of a turn begins with the very messages of the turn before", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 3, maxLength: 12 }), fc.string(), (texts, system) => {
      const turns = branch(...texts);
      const before = promptOf({ system, turns: turns.slice(0, -2), files, dropped: null });
      const now = promptOf({ system, turns, files, dropped: null });
      expect(now.slice(0, before.length)).toEqual(before);
    }),
  );
});

it("puts files before their question, and makes two questions in a row one", () => {
  const turns = [...branch("look", ""), turn("m2", "user", "again")];
  expect(promptOf({ system: "be brief", turns, files, dropped: null })).toEqual([
    { role: "system", content: "be brief" },
    { role: "user", content: 'File "a.txt":\nin a\n\nlook\n\nagain' },
  ]);
});

it("leaves out half at a time, at a question, until the question alone is left", () => {
  const turns = branch("q0", "a1", "q2", "a3", "q4", "a5", "q6");
  const first = cutFurther(turns, null)!;
  expect(first).toEqual({ messages: 4, keptFrom: "m4" });
  expect(promptOf({ system: "", turns, files, dropped: first }).map(({ content }) => content)).toEqual(["q4", "a5", "q6"]);
  const second = cutFurther(turns, first)!;
  expect(second).toEqual({ messages: 6, keptFrom: "m6" });
  expect(cutFurther(turns, second)).toBeNull();
});

it("goes on from where the branch was cut before", () => {
  const turns = branch("q0", "a1", "q2", "a3", "q4");
  const dropped = { messages: 2, keptFrom: "m2" };
  expect(inheritedCut(turns)).toBeNull();
  expect(inheritedCut(turns.map((each) => (each.id === "m3" ? { ...each, dropped } : each)))).toEqual(dropped);
});

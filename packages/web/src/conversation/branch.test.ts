import type { page } from "@arriero/spec";
import { expect, it } from "vitest";
import { type BranchPages, inOrder, withMessage, withStarted } from "./branch.ts";

const message = (id: string, parentId: string | null, role: page.Message["role"]): page.Message => ({
  id,
  parentId,
  role,
  state: "complete",
  text: id,
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

const branch: BranchPages = {
  pages: [
    {
      entries: [
        { ...message("a2", "q2", "assistant"), siblings: ["a2"] },
        { ...message("q2", "a1", "user"), siblings: ["q2"] },
        { ...message("a1", "q1", "assistant"), siblings: ["a1"] },
        { ...message("q1", null, "user"), siblings: ["q1"] },
      ],
      next: null,
    },
  ],
  pageParams: [null],
};

const ids = (pages: BranchPages) => inOrder(pages).map((one) => [one.id, ...one.siblings].join(" "));
const started = (question: page.Message, answer: page.Message): page.Started => ({ generationId: "g", question, answer });

it("puts a new question and its answer at the end", () => {
  const next = withStarted(branch, started(message("q3", "a2", "user"), message("a3", "q3", "assistant")));
  expect(ids(next)).toEqual(["q1 q1", "a1 a1", "q2 q2", "a2 a2", "q3 q3", "a3 a3"]);
});

it("begins a branch where nothing was", () => {
  expect(ids(withStarted(undefined, started(message("q", null, "user"), message("a", "q", "assistant"))))).toEqual([
    "q q",
    "a a",
  ]);
});

it("puts an edited question beside the first, and leaves what followed to the other branch", () => {
  const next = withStarted(branch, started(message("q2b", "a1", "user"), message("a2b", "q2b", "assistant")));
  expect(ids(next)).toEqual(["q1 q1", "a1 a1", "q2b q2 q2b", "a2b a2b"]);
});

it("edits the first question of all", () => {
  const next = withStarted(branch, started(message("q1b", null, "user"), message("a1b", "q1b", "assistant")));
  expect(ids(next)).toEqual(["q1b q1 q1b", "a1b a1b"]);
});

it("puts another answer beside the one before", () => {
  const next = withStarted(branch, started(message("q2", "a1", "user"), message("a2b", "q2", "assistant")));
  expect(ids(next)).toEqual(["q1 q1", "a1 a1", "q2 q2", "a2b a2 a2b"]);
});

it("goes on with an answer in its own place", () => {
  const next = withStarted(branch, started(message("q2", "a1", "user"), message("a2", "q2", "assistant")));
  expect(ids(next)).toEqual(ids(branch));
});

it("replaces a message and keeps its versions", () => {
  const next = withMessage(branch, { ...message("a2", "q2", "assistant"), text: "longer" })!;
  expect(inOrder(next).at(-1)).toMatchObject({ text: "longer", siblings: ["a2"] });
});

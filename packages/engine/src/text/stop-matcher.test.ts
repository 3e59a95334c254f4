import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopMatcher } from "./stop-matcher.ts";

/** The law, over the whole text at once. */
function naive(text: string, stops: readonly string[]): { release: string; matched: string | null } {
  for (let at = 0; at < text.length; at++) {
    const here = stops.filter((stop) => stop !== "" && text.startsWith(stop, at)).sort((a, b) => b.length - a.length)[0];
    if (here !== undefined) return { release: text.slice(0, at), matched: here };
  }
  return { release: text, matched: null };
}

function run(pieces: readonly string[], stops: readonly string[]): { release: string; matched: string | null } {
  const matcher = new StopMatcher(stops);
  const release = pieces.map((piece) => matcher.feed(piece).release).join("") + matcher.finish().release;
  return { release, matched: matcher.matched };
}

/** A small alphabet, so that prefixes, overlaps and repeats are common. */
const letters = (max: number) => fc.string({ unit: fc.constantFrom("a", "b", "\n", "🦙"), maxLength: max });

describe("StopMatcher", () => {
  it("finds what a search of the whole text finds, however the text is split", () => {
    fc.assert(
      fc.property(fc.array(letters(5), { maxLength: 12 }), fc.array(letters(4), { maxLength: 4 }), (pieces, stops) => {
        expect(run(pieces, stops)).toEqual(naive(pieces.join(""), stops));
      }),
      { numRuns: 5000 },
    );
  });

  it("holds back nothing that cannot become a stop", () => {
    fc.assert(
      fc.property(fc.array(letters(5), { maxLength: 12 }), fc.array(letters(4), { maxLength: 4 }), (pieces, stops) => {
        const matcher = new StopMatcher(stops);
        let fed = "";
        let released = "";
        for (const piece of pieces) {
          const step = matcher.feed(piece);
          fed += piece;
          released += step.release;
          if (step.matched !== null) return;
          const held = fed.slice(released.length);
          expect(fed.startsWith(released)).toBe(true);
          expect(held === "" || stops.some((stop) => stop.length > held.length && stop.startsWith(held))).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("waits for the longer of two stops that start together", () => {
    const matcher = new StopMatcher(["\n", "\n\n"]);
    expect(matcher.feed("one\n")).toEqual({ release: "one", matched: null });
    expect(matcher.feed("two")).toEqual({ release: "", matched: "\n" });
    expect(matcher.feed("three")).toEqual({ release: "", matched: "\n" });
  });

  it("lets go of a beginning that came to nothing", () => {
    const matcher = new StopMatcher(["</end>"]);
    expect(matcher.feed("a <")).toEqual({ release: "a ", matched: null });
    expect(matcher.feed("/e")).toEqual({ release: "", matched: null });
    expect(matcher.feed("m>")).toEqual({ release: "</em>", matched: null });
  });
});

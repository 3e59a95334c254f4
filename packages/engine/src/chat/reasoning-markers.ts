import type { ReasoningMarkers, ReasoningSetup } from "./reasoning-splitter.ts";

/** The marks in use; a template shows its own by one of the two. */
const MARKERS: readonly ReasoningMarkers[] = [
  { start: "<think>", end: "</think>" },
  { start: "[THINK]", end: "[/THINK]" },
  { start: "<seed:think>", end: "</seed:think>" },
  { start: "<thinking>", end: "</thinking>" },
  { start: "<|START_THINKING|>", end: "<|END_THINKING|>" },
  { start: "<|channel>thought", end: "<channel|>" },
];

export function detectReasoning(template: string): ReasoningMarkers | null {
  return MARKERS.find(({ start, end }) => template.includes(start) || template.includes(end)) ?? null;
}

/** Where a rendered prompt leaves the reasoning. */
export function reasoningSetup(markers: ReasoningMarkers, prompt: string): ReasoningSetup {
  const tail = prompt.trimEnd();
  if (tail.endsWith(markers.start)) return { ...markers, place: "open" };
  return { ...markers, place: tail.endsWith(markers.end) ? "closed" : "unknown" };
}

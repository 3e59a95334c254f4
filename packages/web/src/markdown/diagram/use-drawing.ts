import { useEffect, useState } from "react";
import { type Drawing, drawDiagram, isDrawable, keptDrawing } from "./draw-diagram.ts";
import { useDark } from "./use-dark.ts";

/** The drawing of a diagram's text once it is there; null: it cannot be drawn; undefined: not yet, or nobody asks. */
export function useDrawing(text: string, asked: boolean): Drawing | null | undefined {
  const dark = useDark();
  const [drawn, setDrawn] = useState<{ text: string; dark: boolean; drawing: Drawing | null }>();
  const wanted = asked && isDrawable(text);
  useEffect(() => {
    if (!wanted || keptDrawing(text, dark) !== undefined) return;
    const leaving = new AbortController();
    void drawDiagram(text, dark, leaving.signal).then((drawing) => {
      if (!leaving.signal.aborted) setDrawn({ text, dark, drawing });
    });
    return () => leaving.abort();
  }, [text, dark, wanted]);
  if (!wanted) return asked ? null : undefined;
  return drawn?.text === text && drawn.dark === dark ? drawn.drawing : keptDrawing(text, dark);
}

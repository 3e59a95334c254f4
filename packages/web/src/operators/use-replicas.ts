import { useEffect, useState } from "react";
import { type AnswerOf, addressOf } from "../server/ask.ts";
import { type History, remember } from "./replica-history.ts";

type Now = AnswerOf<"listReplicas">;

interface Replicas {
  now: Now | null;
  history: History;
}

/** The replicas, every second, and what each did in the last minute. */
export function useReplicas(): Replicas {
  const [state, setState] = useState<Replicas>({ now: null, history: new Map() });
  useEffect(() => {
    const source = new EventSource(addressOf("watchReplicas", undefined, undefined).url);
    source.addEventListener("replicas", (event: MessageEvent<string>) => {
      const now = JSON.parse(event.data) as Now;
      setState((before) => ({ now, history: remember(before.history, now.at, now.entries) }));
    });
    return () => source.close();
  }, []);
  return state;
}

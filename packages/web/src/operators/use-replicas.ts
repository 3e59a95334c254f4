import { useEffect, useState } from "react";
import { type AnswerOf, addressOf } from "../server/ask.ts";
import { watchEvents } from "../server/watch-events.ts";
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
    const replicas = (data: string) => {
      const now = JSON.parse(data) as Now;
      setState((before) => ({ now, history: remember(before.history, now.at, now.entries) }));
    };
    return watchEvents(addressOf("watchReplicas", undefined, undefined).url, { on: { replicas } });
  }, []);
  return state;
}

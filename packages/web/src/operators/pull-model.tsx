import type { page } from "@arriero/spec";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { BandProgress } from "../band/band-progress.tsx";
import { Button } from "../controls/button.tsx";
import { Field } from "../controls/field.tsx";
import { Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { MODELS } from "../models/queries.ts";
import { addressOf, send } from "../server/ask.ts";
import { readEvents } from "../server/event-lines.ts";
import { Refusal } from "../server/refusal.ts";
import styles from "./operate.module.css";

type Progress = Extract<page.PullEvent, { event: "progress" }>;
type Pull =
  | { state: "idle" }
  | { state: "pulling"; model: string; progress: Progress | null }
  | { state: "done"; model: string }
  | { state: "failed"; problem: unknown };

async function* pull(model: string): AsyncGenerator<page.PullEvent> {
  const { url, method } = addressOf("pullModel", undefined, undefined);
  const headers = { "content-type": "application/json" };
  const response = await send(url, { method, headers, body: JSON.stringify({ model }) });
  if (response.body) for await (const { data } of readEvents(response.body)) yield JSON.parse(data) as page.PullEvent;
}

/** Gets a model; the band is woven as it comes in. */
export function PullModel() {
  const text = useText();
  const client = useQueryClient();
  const [state, setState] = useState<Pull>({ state: "idle" });
  const run = async (model: string) => {
    setState({ state: "pulling", model, progress: null });
    try {
      for await (const event of pull(model)) {
        if (event.event === "error") throw new Refusal(0, { code: "internal", message: event.message, hint: "" });
        if (event.event === "progress") setState({ state: "pulling", model, progress: event });
      }
      setState({ state: "done", model });
      await client.invalidateQueries({ queryKey: MODELS });
    } catch (problem) {
      setState({ state: "failed", problem });
    }
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const model = String(new FormData(event.currentTarget).get("model")).trim();
    if (model !== "") void run(model);
  };
  return (
    <>
      <form className={styles.pull} onSubmit={onSubmit}>
        <Field label={text.operate.pullTitle} name="model" placeholder={text.operate.pullHint} required autoComplete="off" />
        <Button kind="action" type="submit" disabled={state.state === "pulling"}>
          {text.operate.pull}
        </Button>
      </form>
      {state.state === "pulling" && <Pulling model={state.model} progress={state.progress} />}
      {state.state === "done" && (
        <p role="status" className={styles.pulling}>
          {text.operate.pulled(state.model)}
        </p>
      )}
      {state.state === "failed" && <Problem>{explain(state.problem, text.common)}</Problem>}
    </>
  );
}

function Pulling({ model, progress }: { model: string; progress: Progress | null }) {
  const text = useText();
  const figures = useFigures();
  const { completed, total } = progress ?? { completed: null, total: null };
  const share = completed !== null && total !== null && total > 0 ? completed / total : null;
  const amount =
    completed !== null && total !== null ? `${figures.bytes(completed)} / ${figures.bytes(total)}` : (progress?.status ?? "");
  return (
    <div className={styles.pulling}>
      <p>
        <span>{text.operate.pulling(model)}</span>
        <span className={styles.note}>{amount}</span>
      </p>
      <BandProgress share={share} label={text.operate.pulling(model)} text={amount} />
    </div>
  );
}

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../account/account-form.tsx";
import type { Tone } from "../band/tone.ts";
import { Button } from "../controls/button.tsx";
import { ConfirmFor } from "../controls/confirm-for.tsx";
import { Empty, Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { MODELS, modelsQuery, type PageModel } from "../models/queries.ts";
import { ask } from "../server/ask.ts";
import styles from "./operate.module.css";
import { PullModel } from "./pull-model.tsx";
import { StateWord } from "./state-word.tsx";
import { figure, WideTable } from "./wide-table.tsx";

const TONES: Record<PageModel["state"], Tone> = { loaded: "molle", loading: "maize", stored: "ash", remote: "indigo" };

export function ModelsView() {
  const text = useText();
  const models = useQuery({ ...modelsQuery, refetchInterval: 5_000 });
  const client = useQueryClient();
  const [leaving, setLeaving] = useState<string | null>(null);
  const again = () => client.invalidateQueries({ queryKey: MODELS });
  const change = useMutation({
    mutationFn: ({ name, model }: { name: "loadModel" | "unloadModel"; model: string }) => ask(name, { body: { model } }),
    onSuccess: again,
  });
  const entries = models.data?.entries ?? [];
  const problem = models.error ?? change.error;
  return (
    <PlainPage title={text.operate.models} wide>
      <PullModel />
      {problem && <Problem>{explain(problem, text.common)}</Problem>}
      {models.data && entries.length === 0 && <Empty title={text.operate.noModels}>{text.operate.noModelsTeach}</Empty>}
      {entries.length > 0 && (
        <div className={styles.below}>
          <WideTable
            name={text.operate.models}
            columns={[
              text.operate.model,
              text.operate.state,
              figure(text.operate.parametersCount),
              figure(text.operate.size),
              figure(text.operate.context),
              text.operate.where,
              figure(text.operate.price),
            ]}
            withActions
          >
            {entries.map((model) => (
              <ModelRow
                key={model.name}
                model={model}
                onLoad={() => change.mutate({ name: "loadModel", model: model.name })}
                onUnload={() => change.mutate({ name: "unloadModel", model: model.name })}
                onDelete={() => setLeaving(model.name)}
              />
            ))}
          </WideTable>
        </div>
      )}
      <ConfirmFor
        subject={leaving}
        title={text.operate.removeModelAsk}
        action={text.operate.remove}
        means={text.operate.removeModelMeans}
        onClose={() => setLeaving(null)}
        onConfirm={async (model) => {
          await ask("deleteModel", { body: { model } });
          await again();
        }}
      />
    </PlainPage>
  );
}

interface ModelRowProps {
  model: PageModel;
  onLoad: () => void;
  onUnload: () => void;
  onDelete: () => void;
}

function ModelRow({ model, onLoad, onUnload, onDelete }: ModelRowProps) {
  const text = useText().operate;
  const figures = useFigures();
  const places = [
    ...new Set(model.backends.flatMap((one) => (one.regions.length > 0 ? one.regions : one.own ? [text.thisServer] : []))),
  ];
  return (
    <tr>
      <td>
        <span className={styles.main}>{model.name}</span>
        <span className={styles.sub}>{[model.quantization, ...model.adapters].filter(Boolean).join(", ")}</span>
      </td>
      <td>
        <StateWord tone={TONES[model.state]}>{text[model.state]}</StateWord>
      </td>
      <td className={styles.figure}>{model.parameters ? figures.short(model.parameters) : ""}</td>
      <td className={styles.figure}>{model.sizeBytes ? figures.bytes(model.sizeBytes) : ""}</td>
      <td className={styles.figure}>{model.contextLength ? figures.whole(model.contextLength) : ""}</td>
      <td className={model.allowed ? undefined : styles.wrap}>
        {places.join(", ")}
        {!model.allowed && <span className={styles.sub}>{model.refusal}</span>}
      </td>
      <td className={styles.figure}>
        {model.price ? text.priceOf(figures.price(model.price.input), figures.price(model.price.output)) : ""}
      </td>
      <td className={styles.act}>
        {model.state !== "remote" && (
          <span className={styles.actions}>
            {model.state === "stored" ? (
              <Button kind="quiet" onClick={onLoad}>
                {text.load}
              </Button>
            ) : (
              <Button kind="quiet" onClick={onUnload}>
                {text.unload}
              </Button>
            )}
            <Button kind="quiet" onClick={onDelete}>
              {text.remove}
            </Button>
          </span>
        )}
      </td>
    </tr>
  );
}

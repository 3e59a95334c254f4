import { Link } from "@tanstack/react-router";
import { BandPlot } from "../band/band.tsx";
import type { Tone } from "../band/tone.ts";
import { Empty } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import type { AnswerOf } from "../server/ask.ts";
import styles from "./operate.module.css";
import type { ReplicaMoment } from "./replica-history.ts";
import { StateWord } from "./state-word.tsx";
import { useReplicas } from "./use-replicas.ts";
import { figure, WideTable } from "./wide-table.tsx";

type Replica = AnswerOf<"listReplicas">["entries"][number];

const TONES: Record<Replica["state"], Tone> = {
  ready: "molle",
  starting: "maize",
  loading: "maize",
  draining: "maize",
  stopped: "ash",
  failed: "cochineal",
};

export function ReplicasView() {
  const text = useText().operate;
  const { now, history } = useReplicas();
  return (
    <PlainPage title={text.replicas} wide aside={<span className={styles.live}>{text.live}</span>}>
      {now && now.entries.length === 0 && (
        <Empty
          title={text.noReplicas}
          action={
            <Link to="/operate/$view" params={{ view: "models" }}>
              {text.models}
            </Link>
          }
        >
          {text.noReplicasTeach}
        </Empty>
      )}
      {now && now.entries.length > 0 && (
        <WideTable
          name={text.replicas}
          columns={[
            text.replica,
            text.state,
            figure(text.running),
            figure(text.queue),
            { head: text.rate, span: 2 },
            { head: text.kv, span: 2 },
            figure(text.reuse),
            figure(text.memory),
            figure(text.restarts),
            text.since,
          ]}
        >
          {now.entries.map((replica) => (
            <ReplicaRow key={replica.id} replica={replica} moments={history.get(replica.id) ?? []} at={now.at} />
          ))}
        </WideTable>
      )}
    </PlainPage>
  );
}

function ReplicaRow({ replica, moments, at }: { replica: Replica; moments: readonly ReplicaMoment[]; at: number }) {
  const text = useText().operate;
  const figures = useFigures();
  const rate = moments.at(-1)?.rate ?? null;
  const { kvCells } = replica;
  return (
    <tr>
      <td>
        <span className={styles.main}>{replica.model}</span>
        <span className={styles.sub}>{replica.id}</span>
      </td>
      <td>
        <StateWord tone={TONES[replica.state]}>{text[replica.state]}</StateWord>
        {replica.error && <span className={styles.sub}>{replica.error}</span>}
      </td>
      <td className={styles.figure}>{figures.whole(replica.requestsRunning ?? 0)}</td>
      <td className={styles.figure}>{figures.whole(replica.requestsWaiting ?? 0)}</td>
      <td>
        <BandPlot
          values={moments.map((moment) => moment.rate ?? 0)}
          columns={40}
          tone="cochineal"
          label={text.rateOf(replica.model)}
        />
      </td>
      <td className={styles.figure}>{rate === null ? "" : figures.tenth(rate)}</td>
      <td>
        <BandPlot
          values={moments.map((moment) => moment.kvUsed)}
          max={kvCells?.total}
          columns={40}
          tone="indigo"
          label={text.kvOf(replica.model)}
        />
      </td>
      <td className={styles.figure}>{kvCells ? figures.percent(kvCells.used / Math.max(1, kvCells.total)) : ""}</td>
      <td className={styles.figure}>{replica.prefixHitRatio === null ? "" : figures.percent(replica.prefixHitRatio)}</td>
      <td className={styles.figure}>{replica.rssBytes === null ? "" : figures.bytes(replica.rssBytes)}</td>
      <td className={styles.figure}>{figures.whole(replica.restarts)}</td>
      <td>{figures.ago(replica.startedAt, at)}</td>
    </tr>
  );
}

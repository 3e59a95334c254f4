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
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className={styles.scroll} aria-label={text.replicas} tabIndex={0}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th>{text.replica}</th>
                <th>{text.state}</th>
                <th className={styles.figure}>{text.running}</th>
                <th className={styles.figure}>{text.queue}</th>
                <th colSpan={2}>{text.rate}</th>
                <th colSpan={2}>{text.kv}</th>
                <th className={styles.figure}>{text.reuse}</th>
                <th className={styles.figure}>{text.memory}</th>
                <th className={styles.figure}>{text.restarts}</th>
                <th>{text.since}</th>
              </tr>
            </thead>
            <tbody>
              {now.entries.map((replica) => (
                <ReplicaRow key={replica.id} replica={replica} moments={history.get(replica.id) ?? []} at={now.at} />
              ))}
            </tbody>
          </table>
        </section>
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

import { useQuery } from "@tanstack/react-query";
import { explain } from "../account/account-form.tsx";
import { Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./operate.module.css";
import { StateWord } from "./state-word.tsx";

export function HealthView() {
  const words = useText();
  const text = words.operate;
  const figures = useFigures();
  const health = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => ask("health", { signal }), refetchInterval: 5_000 });
  const { data } = health;
  const stores = {
    open: <StateWord tone="molle">{text.storeOpen}</StateWord>,
    opening: <StateWord tone="maize">{text.storeOpening}</StateWord>,
    away: <StateWord tone="cochineal">{text.storeAway}</StateWord>,
  };
  return (
    <PlainPage title={text.health} wide>
      {health.error && <Problem>{explain(health.error, words.common)}</Problem>}
      {data && (
        <dl className={styles.facts}>
          <dt>{text.store}</dt>
          <dd>
            {stores[data.store.state]}{" "}
            <span className={styles.sub}>{[text[data.store.kind], data.store.message].filter(Boolean).join(" · ")}</span>
          </dd>
          <dt>{text.replicas}</dt>
          <dd>
            <StateWord tone={data.replicas.ready < data.replicas.total ? "maize" : "molle"}>
              {text.readyOf(data.replicas.ready, data.replicas.total)}
            </StateWord>
          </dd>
          <dt>{text.generations}</dt>
          <dd>{figures.whole(data.generations.running)}</dd>
          <dt>{text.interrupted}</dt>
          <dd>{figures.whole(data.generations.interruptedLastDay)}</dd>
          <dt>{text.memory}</dt>
          <dd>{figures.bytes(data.rssBytes)}</dd>
          <dt>{text.regions}</dt>
          <dd>{data.residency.ownRegions.join(", ") || text.any}</dd>
          <dt>{text.regionsAllowed}</dt>
          <dd>{data.residency.allowedRegions?.join(", ") ?? text.any}</dd>
          <dt>{text.version}</dt>
          <dd>
            {data.version} <span className={styles.sub}>Node {data.node}</span>
          </dd>
          <dt>{text.since}</dt>
          <dd>{figures.moment(data.startedAt)}</dd>
        </dl>
      )}
    </PlainPage>
  );
}

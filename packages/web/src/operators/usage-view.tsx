import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { Empty, Problem } from "../controls/notice.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { PlainPage, Section } from "../layout/plain-page.tsx";
import { addressOf, ask } from "../server/ask.ts";
import { isAdmin, useSession } from "../session/session.ts";
import { Budgets } from "./budgets.tsx";
import { DayPlot } from "./day-plot.tsx";
import styles from "./operate.module.css";
import { daysBetween, type Sum, seriesByModel, sumBy } from "./usage-sums.ts";
import { figure, WideTable } from "./wide-table.tsx";

const PERIODS = [7, 30, 90, 365];

export function UsageView() {
  const text = useText();
  const figures = useFigures();
  const session = useSession();
  const [days, setDays] = useState(30);
  const usage = useQuery({ queryKey: ["usage", days], queryFn: ({ signal }) => ask("usage", { query: { days }, signal }) });
  const { data } = usage;
  const span = useMemo(() => (data ? daysBetween(data.from, data.to) : []), [data]);
  const series = useMemo(() => (data ? seriesByModel(data.entries, span, "…") : []), [data, span]);
  const period = (
    <span className={styles.actions}>
      <select
        className={styles.select}
        aria-label={text.operate.period}
        value={days}
        onChange={(event) => setDays(Number(event.target.value))}
      >
        {PERIODS.map((count) => (
          <option key={count} value={count}>
            {text.operate.days(count)}
          </option>
        ))}
      </select>
      <Button icon="download" onClick={() => location.assign(addressOf("usageCsv", undefined, { days }).url)}>
        {text.operate.csv}
      </Button>
    </span>
  );
  return (
    <PlainPage title={text.operate.usage} wide aside={period}>
      {usage.error && <Problem>{explain(usage.error, text.common)}</Problem>}
      {data && data.entries.length === 0 && <Empty title={text.operate.noUsage}>{text.operate.noUsageTeach}</Empty>}
      {data && data.entries.length > 0 && (
        <>
          <dl className={styles.totals}>
            <Total label={text.operate.requests} value={figures.whole(data.total.requests)} />
            <Total label={text.operate.promptTokens} value={figures.short(data.total.promptTokens)} />
            <Total label={text.operate.cachedTokens} value={figures.short(data.total.cachedTokens)} />
            <Total label={text.operate.completionTokens} value={figures.short(data.total.completionTokens)} />
            <Total label={text.operate.cost} value={figures.money(data.total.costMicros)} />
          </dl>
          <DayPlot
            days={span}
            series={series}
            label={`${text.operate.completionTokens}, ${text.operate.byDay}`}
            write={figures.short}
            writeDay={(day) => figures.date(Date.parse(`${day}T12:00:00Z`))}
          />
          <Budgets />
          <SumTable title={text.operate.byModel} sums={sumBy(data.entries, (entry) => entry.model)} />
          <SumTable title={text.operate.byKey} sums={sumBy(data.entries, (entry) => entry.key?.name ?? text.operate.page)} />
          {isAdmin(session) && (
            <SumTable
              title={text.operate.byPerson}
              sums={sumBy(data.entries, (entry) => entry.user?.name ?? text.operate.nobody)}
            />
          )}
        </>
      )}
    </PlainPage>
  );
}

function Total({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function SumTable({ title, sums }: { title: string; sums: readonly Sum[] }) {
  const text = useText().operate;
  const figures = useFigures();
  return (
    <Section title={title}>
      <WideTable
        name={title}
        columns={[
          { head: title, is: "unseen" },
          figure(text.requests),
          figure(text.failures),
          figure(text.promptTokens),
          figure(text.cachedTokens),
          figure(text.completionTokens),
          figure(text.cost),
        ]}
      >
        {sums.map((sum) => (
          <tr key={sum.label}>
            <td className={styles.main}>{sum.label}</td>
            <td className={styles.figure}>{figures.whole(sum.requests)}</td>
            <td className={styles.figure}>{figures.whole(sum.failures)}</td>
            <td className={styles.figure}>{figures.whole(sum.promptTokens)}</td>
            <td className={styles.figure}>{figures.whole(sum.cachedTokens)}</td>
            <td className={styles.figure}>{figures.whole(sum.completionTokens)}</td>
            <td className={styles.figure}>{figures.money(sum.costMicros)}</td>
          </tr>
        ))}
      </WideTable>
    </Section>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./operate.module.css";
import { figure, WideTable } from "./wide-table.tsx";

/** The budgets that bind the reader's organisation, with what is used of each; nothing where there is none. */
export function Budgets() {
  const text = useText().operate;
  const figures = useFigures();
  const { data } = useQuery({ queryKey: ["budgets"], queryFn: ({ signal }) => ask("organisationBudgets", { signal }) });
  if (data === undefined || data.entries.length === 0) return null;
  return (
    <Section title={text.budgets}>
      <WideTable
        name={text.budgets}
        columns={[
          { head: text.budgets, is: "unseen" },
          figure(text.budgetUsed),
          figure(text.budgetMost),
          figure(text.budgetEnds),
        ]}
      >
        {data.entries.map(({ endsAt, most, period, unit, used }, index) => {
          const write = unit === "money" ? figures.money : figures.whole;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order is the server's, and two may be alike
            <tr key={index}>
              <td className={styles.main}>{text.budgetOf(unit, period)}</td>
              <td className={styles.figure}>{write(used)}</td>
              <td className={styles.figure}>{write(most)}</td>
              <td className={styles.figure}>{figures.moment(endsAt)}</td>
            </tr>
          );
        })}
      </WideTable>
    </Section>
  );
}

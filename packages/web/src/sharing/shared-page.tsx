import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { explain } from "../account/account-form.tsx";
import { BandMark } from "../band/band.tsx";
import { Problem } from "../controls/notice.tsx";
import message from "../conversation/message.module.css";
import { Reasoning } from "../conversation/reasoning.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { Markdown } from "../markdown/markdown.tsx";
import { ask } from "../server/ask.ts";
import styles from "./shared-page.module.css";

/** A branch as it was when it was shared. Read only, also without an account where the link is for anyone. */
export function SharedPage() {
  const text = useText();
  const figures = useFigures();
  const { id } = useParams({ from: "/shared/$id" });
  const shared = useQuery({ queryKey: ["shared", id], queryFn: () => ask("readShared", { path: { id } }), retry: false });
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <a href="/" className={styles.name}>
          Arriero
          <BandMark />
        </a>
      </header>
      {shared.error && <Problem>{explain(shared.error, text.common)}</Problem>}
      {shared.data && (
        <>
          <h1>{shared.data.title || text.chat.untitled}</h1>
          <p className={styles.by}>{text.composer.sharedBy(shared.data.by, figures.date(shared.data.createdAt))}</p>
          {shared.data.messages.map((one) =>
            one.role === "user" ? (
              <article key={one.id} className={`${styles.one} ${message.question}`} aria-label={text.chat.you}>
                <div className={message.said}>{one.text}</div>
              </article>
            ) : (
              <article key={one.id} className={`${styles.one} ${message.answer}`} aria-label={text.chat.answer}>
                <Reasoning text={one.reasoning} growing={false} />
                <Markdown text={one.text} />
              </article>
            ),
          )}
        </>
      )}
    </main>
  );
}

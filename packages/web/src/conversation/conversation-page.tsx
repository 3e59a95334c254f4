import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Composer } from "../composer/composer.tsx";
import { Problem } from "../controls/notice.tsx";
import { conversationQuery } from "../conversations/queries.ts";
import { useText } from "../language/language.tsx";
import { NothingHere } from "../layout/nothing-here.tsx";
import { Refusal } from "../server/refusal.ts";
import { useSession } from "../session/session.ts";
import styles from "./conversation.module.css";
import { ConversationHead } from "./conversation-head.tsx";
import { ParametersDrawer } from "./parameters-drawer.tsx";
import { Transcript } from "./transcript.tsx";
import { useBranch } from "./use-branch.ts";

export function ConversationPage() {
  const { id } = useParams({ from: "/in/c/$id" });
  return <ConversationView key={id} id={id} />;
}

function ConversationView({ id }: { id: string }) {
  const words = useText();
  const session = useSession();
  const { data: conversation, error } = useQuery(conversationQuery(id));
  const branch = useBranch(id);
  const [drawer, setDrawer] = useState(false);
  useEffect(() => {
    if (conversation) document.title = `${conversation.title || words.chat.untitled} · Arriero`;
    return () => {
      document.title = "Arriero";
    };
  }, [conversation, words]);
  if (error instanceof Refusal && error.status === 404) return <NothingHere />;
  const own = !conversation || conversation.owner.id === session.person.id;
  return (
    <div className={styles.page}>
      <ConversationHead conversation={conversation} onParameters={() => setDrawer(true)} />
      {!own && conversation && <p className={styles.strange}>{words.chat.othersConversation(conversation.owner.name)}</p>}
      <Transcript branch={branch} readOnly={!own} />
      {own && (
        <div className={styles.dock}>
          {branch.problem !== null && <Problem>{explain(branch.problem, words.common)}</Problem>}
          <Composer
            conversation={conversation ?? null}
            draftKey={id}
            running={branch.running}
            onStop={() => void branch.stop()}
            onSend={(message) => branch.send(message)}
            onParameters={() => setDrawer(true)}
          />
        </div>
      )}
      {conversation && <ParametersDrawer conversation={conversation} open={drawer} onClose={() => setDrawer(false)} />}
    </div>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Composer } from "../composer/composer.tsx";
import { Problem } from "../controls/notice.tsx";
import { branchKey, CONVERSATIONS, conversationKey } from "../conversations/queries.ts";
import { useText } from "../language/language.tsx";
import { useModels } from "../models/queries.ts";
import { ask } from "../server/ask.ts";
import { useSession } from "../session/session.ts";
import { type BranchPages, withStarted } from "./branch.ts";
import styles from "./new-conversation.module.css";
import type { Asking } from "./use-branch.ts";

/** The start: one thing to know, one thing to do. */
export function NewConversationPage() {
  const text = useText();
  const session = useSession();
  const models = useModels();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<unknown>(null);
  const { model, adapter } = session.settings;
  const begin = async (message: Asking) => {
    setProblem(null);
    try {
      const known = models.some((one) => one.name === model);
      const conversation = await ask("createConversation", { body: known ? { model, adapter } : {} });
      const started = await ask("sendMessage", { path: { id: conversation.id }, body: message });
      client.setQueryData(conversationKey(conversation.id), conversation);
      client.setQueryData<BranchPages>(branchKey(conversation.id), withStarted(undefined, started));
      void client.invalidateQueries({ queryKey: CONVERSATIONS });
      void client.invalidateQueries({ queryKey: conversationKey(conversation.id) });
      await navigate({ to: "/c/$id", params: { id: conversation.id } });
      return true;
    } catch (thrown) {
      setProblem(thrown);
      return false;
    }
  };
  return (
    <div className={styles.page}>
      <div className={styles.middle}>
        <h1 className={styles.title}>{text.chat.emptyTitle}</h1>
        <p className={styles.line}>{text.chat.emptyLine}</p>
        {problem !== null && <Problem>{explain(problem, text.common)}</Problem>}
        <div className={styles.composer}>
          <Composer conversation={null} draftKey="new" running={false} onStop={() => undefined} onSend={begin} />
        </div>
        {session.standing.organisation.adminsReadChats && <p className={styles.line}>{text.chat.adminsRead}</p>}
      </div>
    </div>
  );
}

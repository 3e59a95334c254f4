import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { keepDraft } from "../composer/draft.ts";
import { Button, IconButton } from "../controls/button.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { Field, LongField } from "../controls/field.tsx";
import form from "../controls/form-dialog.module.css";
import { Empty, Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./prompts.module.css";
import { PROMPTS, type Prompt, promptsQuery } from "./queries.ts";

export function PromptsPage() {
  const text = useText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const prompts = useInfiniteQuery(promptsQuery);
  const [edited, setEdited] = useState<Prompt | "new" | null>(null);
  const remove = useMutation({
    mutationFn: (id: string) => ask("deletePrompt", { path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: PROMPTS }),
  });
  const entries = prompts.data?.pages.flatMap((page) => page.entries) ?? [];
  const add = (
    <Button kind="action" icon="plus" onClick={() => setEdited("new")}>
      {text.composer.newPrompt}
    </Button>
  );
  const use = (prompt: Prompt) => {
    keepDraft("new", prompt.text);
    void navigate({ to: "/" });
  };
  return (
    <PlainPage title={text.composer.promptsTitle} aside={entries.length > 0 && add}>
      {prompts.data && entries.length === 0 && (
        <Empty title={text.composer.promptsEmpty} action={add}>
          {text.composer.promptsTeach}
        </Empty>
      )}
      <ul>
        {entries.map((prompt) => (
          <li key={prompt.id} className={styles.prompt}>
            <div className={styles.words}>
              <h2 className={styles.name}>{prompt.name}</h2>
              <p className={styles.text}>{prompt.text}</p>
              {prompt.shared && <p className={styles.shared}>{text.composer.promptShared}</p>}
            </div>
            <Button onClick={() => use(prompt)}>{text.composer.promptUse}</Button>
            {prompt.own && (
              <>
                <IconButton icon="edit" name={text.chat.edit} onClick={() => setEdited(prompt)} />
                <IconButton icon="trash" name={text.chat.delete} onClick={() => remove.mutate(prompt.id)} />
              </>
            )}
          </li>
        ))}
      </ul>
      {edited && <PromptDialog prompt={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </PlainPage>
  );
}

function PromptDialog({ prompt, onClose }: { prompt: Prompt | null; onClose: () => void }) {
  const text = useText();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: { name: string; text: string; shared: boolean }) =>
      prompt ? ask("changePrompt", { path: { id: prompt.id }, body }) : ask("createPrompt", { body }),
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: PROMPTS });
    },
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    save.mutate({ name: String(fields.get("name")), text: String(fields.get("text")), shared: fields.get("shared") === "on" });
  };
  return (
    <Dialog open onClose={onClose} title={prompt?.name ?? text.composer.newPrompt}>
      <form className={form.form} onSubmit={onSubmit}>
        <Field label={text.composer.promptName} name="name" defaultValue={prompt?.name} required maxLength={200} autoFocus />
        <LongField label={text.composer.promptText} name="text" rows={8} defaultValue={prompt?.text} required />
        <label className={styles.check}>
          <input type="checkbox" name="shared" defaultChecked={prompt?.shared ?? false} /> {text.composer.promptShared}
        </label>
        {save.error && <Problem>{explain(save.error, text.common)}</Problem>}
        <div className={form.foot}>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="action" type="submit">
            {text.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

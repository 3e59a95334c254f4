import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useRef } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { Problem } from "../controls/notice.tsx";
import { CONVERSATIONS } from "../conversations/queries.ts";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { addressOf, ask, type BodyOf } from "../server/ask.ts";
import styles from "./settings.module.css";

/** Export and import: what one wrote is one's own. */
export function YourData() {
  const text = useText();
  const figures = useFigures();
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const bring = useMutation({
    mutationFn: async (file: File) => ask("importChats", { body: JSON.parse(await file.text()) as BodyOf<"importChats"> }),
    onSuccess: () => client.invalidateQueries({ queryKey: CONVERSATIONS }),
  });
  const onPick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file) bring.mutate(file);
    event.target.value = "";
  };
  return (
    <Section title={text.account.yourData}>
      <div className={styles.actions}>
        <Button icon="download" onClick={() => location.assign(addressOf("exportChats", undefined, undefined).url)}>
          {text.account.exportAll}
        </Button>
        <Button icon="upload" disabled={bring.isPending} onClick={() => picker.current?.click()}>
          {text.account.importFile}
        </Button>
        <input ref={picker} type="file" accept="application/json" hidden onChange={onPick} />
      </div>
      {bring.data && (
        <p role="status">{text.account.imported(figures.whole(bring.data.conversations), figures.whole(bring.data.messages))}</p>
      )}
      {bring.error && (
        <Problem>{bring.error instanceof SyntaxError ? text.account.notAnExport : explain(bring.error, text.common)}</Problem>
      )}
    </Section>
  );
}

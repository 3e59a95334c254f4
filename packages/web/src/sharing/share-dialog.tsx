import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { CopyLine } from "../controls/copy-line.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { Choice } from "../controls/field.tsx";
import styles from "../controls/form-dialog.module.css";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";

type Audience = "organisation" | "anyone";

export function ShareDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const words = useText();
  const text = words.composer;
  const [audience, setAudience] = useState<Audience>("organisation");
  const share = useMutation({ mutationFn: () => ask("createShare", { body: { conversationId: id, audience } }) });
  return (
    <Dialog open onClose={onClose} title={text.shareTitle}>
      <div className={styles.form}>
        <p>{text.shareTeach}</p>
        <Choice
          label={words.chat.share}
          value={audience}
          options={[
            { value: "organisation", label: text.audienceOrganisation },
            { value: "anyone", label: text.audienceAnyone },
          ]}
          onChoose={(value) => setAudience(value as Audience)}
        />
        {share.error && <Problem>{explain(share.error, words.common)}</Problem>}
        {share.data ? (
          <CopyLine text={new URL(share.data.path, location.origin).href} />
        ) : (
          <div className={styles.foot}>
            <Button kind="action" disabled={share.isPending} onClick={() => share.mutate()}>
              {text.makeLink}
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  );
}

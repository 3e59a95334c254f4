import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { CopyLine } from "../controls/copy-line.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { Field } from "../controls/field.tsx";
import form from "../controls/form-dialog.module.css";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { ask, type BodyOf } from "../server/ask.ts";

const numberIn = (fields: FormData, name: string): number | null => {
  const written = fields.get(name);
  return typeof written === "string" && written !== "" ? Number(written) : null;
};

/** Makes a key and shows it, this once. */
export function NewKeyDialog({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const text = useText();
  const make = useMutation({ mutationFn: (body: BodyOf<"createKey">) => ask("createKey", { body }), onSuccess: onMade });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const expires = String(fields.get("expires"));
    make.mutate({
      name: String(fields.get("name")).trim(),
      requestsPerMinute: numberIn(fields, "requestsPerMinute"),
      tokensPerDay: numberIn(fields, "tokensPerDay"),
      expiresAt: expires === "" ? null : Date.parse(`${expires}T23:59:59`),
    });
  };
  return (
    <Dialog open onClose={onClose} title={text.operate.newKey}>
      {make.data ? (
        <div className={form.form}>
          <p role="status">{text.operate.keyMade}</p>
          <CopyLine text={make.data.key} />
          <div className={form.foot}>
            <Button onClick={onClose}>{text.common.close}</Button>
          </div>
        </div>
      ) : (
        <form className={form.form} onSubmit={onSubmit}>
          <Field
            label={text.operate.keyName}
            name="name"
            hint={text.operate.keyNameHint}
            required
            maxLength={200}
            autoFocus
            autoComplete="off"
          />
          <Field
            label={text.operate.requestsPerMinute}
            name="requestsPerMinute"
            type="number"
            min={1}
            placeholder={text.operate.noLimit}
          />
          <Field label={text.operate.tokensPerDay} name="tokensPerDay" type="number" min={1} placeholder={text.operate.noLimit} />
          <Field label={text.operate.expires} name="expires" type="date" />
          {make.error && <Problem>{explain(make.error, text.common)}</Problem>}
          <div className={form.foot}>
            <Button onClick={onClose}>{text.common.cancel}</Button>
            <Button kind="action" type="submit" disabled={make.isPending}>
              {text.operate.newKey}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

import type { FormEvent } from "react";
import { useState } from "react";
import { explain } from "../account/account-form.tsx";
import { Button } from "../controls/button.tsx";
import { Dialog } from "../controls/dialog.tsx";
import { Choice, Field, LongField } from "../controls/field.tsx";
import form from "../controls/form-dialog.module.css";
import { Problem } from "../controls/notice.tsx";
import { useChangeConversation } from "../conversations/changes.ts";
import type { Conversation } from "../conversations/queries.ts";
import { useText } from "../language/language.tsx";
import { NUMBERS, readParameters } from "./parameters.ts";

interface ParametersDrawerProps {
  conversation: Conversation;
  open: boolean;
  onClose: () => void;
}

/** What the model is told first, and how its answers are drawn. */
export function ParametersDrawer({ conversation, open, onClose }: ParametersDrawerProps) {
  const text = useText();
  const change = useChangeConversation();
  const { parameters } = conversation;
  const [reasoning, setReasoning] = useState(parameters.reasoning === undefined ? "" : String(parameters.reasoning));
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const wanted = { ...parameters, ...readParameters(fields) };
    for (const { name } of NUMBERS) if (fields.get(name) === "") delete wanted[name];
    if (reasoning === "") delete wanted.reasoning;
    else wanted.reasoning = reasoning === "true";
    change.mutate({ id: conversation.id, system: String(fields.get("system")), parameters: wanted }, { onSuccess: onClose });
  };
  return (
    <Dialog shape="drawer" open={open} onClose={onClose} title={text.chat.parameters}>
      <form className={form.form} onSubmit={save}>
        <LongField
          label={text.composer.system}
          hint={text.composer.systemHint}
          name="system"
          rows={6}
          defaultValue={conversation.system}
        />
        {NUMBERS.map(({ name, ...bounds }) => (
          <Field
            key={name}
            label={text.composer[name]}
            name={name}
            type="number"
            inputMode="decimal"
            placeholder={text.composer.modelDefault}
            defaultValue={parameters[name] ?? ""}
            {...bounds}
          />
        ))}
        <Choice
          label={text.composer.reasoning}
          value={reasoning}
          options={[
            { value: "", label: text.composer.modelDefault },
            { value: "true", label: text.composer.on },
            { value: "false", label: text.composer.off },
          ]}
          onChoose={setReasoning}
        />
        {change.error && <Problem>{explain(change.error, text.common)}</Problem>}
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

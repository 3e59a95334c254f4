import { type FormEvent, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { useText } from "../language/language.tsx";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import styles from "./form-dialog.module.css";

interface NameDialogProps {
  open: boolean;
  title: string;
  label: string;
  value?: string;
  onClose: () => void;
  onName: (name: string) => Promise<unknown>;
}

/** Asks for a name, of one line. */
export function NameDialog({ open, title, label, value = "", onClose, onName }: NameDialogProps) {
  const text = useText();
  const [problem, setProblem] = useState<unknown>(null);
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (name !== "") void onName(name).then(onClose, setProblem);
  };
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <form className={styles.form} onSubmit={save}>
        <Field
          label={label}
          name="name"
          defaultValue={value}
          maxLength={200}
          required
          autoFocus
          autoComplete="off"
          problem={problem === null ? undefined : explain(problem, text.common)}
        />
        <div className={styles.foot}>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="action" type="submit">
            {text.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

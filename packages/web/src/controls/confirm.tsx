import { type ReactNode, useState } from "react";
import { explain } from "../account/account-form.tsx";
import { useText } from "../language/language.tsx";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./form-dialog.module.css";
import { Problem } from "./notice.tsx";

interface ConfirmProps {
  open: boolean;
  title: string;
  action: string;
  children: ReactNode;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
}

/** Asked before what cannot be undone. */
export function Confirm({ open, title, action, children, onClose, onConfirm }: ConfirmProps) {
  const text = useText();
  const [problem, setProblem] = useState<unknown>(null);
  const confirm = () => onConfirm().then(onClose, setProblem);
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <div className={styles.form}>
        <p>{children}</p>
        {problem !== null && <Problem>{explain(problem, text.common)}</Problem>}
        <div className={styles.foot}>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button kind="grave" onClick={() => void confirm()}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

import { useRef } from "react";
import { Confirm } from "./confirm.tsx";

interface ConfirmForProps<Subject> {
  /** What the question is about; null: nothing is asked. */
  subject: Subject | null;
  title: (subject: Subject) => string;
  action: string;
  means: string;
  onClose: () => void;
  onConfirm: (subject: Subject) => Promise<unknown>;
}

/** Asked before what cannot be undone, of one of many. */
export function ConfirmFor<Subject>({ subject, title, action, means, onClose, onConfirm }: ConfirmForProps<Subject>) {
  // While it fades out it still speaks of the one it was about.
  const last = useRef(subject);
  if (subject !== null) last.current = subject;
  const about = last.current;
  if (about === null) return null;
  return (
    <Confirm open={subject !== null} title={title(about)} action={action} onClose={onClose} onConfirm={() => onConfirm(about)}>
      {means}
    </Confirm>
  );
}

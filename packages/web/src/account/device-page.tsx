import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { Button } from "../controls/button.tsx";
import { Field } from "../controls/field.tsx";
import { Problem } from "../controls/notice.tsx";
import { useText } from "../language/language.tsx";
import { PlainPage } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "../settings/settings.module.css";
import { AccountForm, explain } from "./account-form.tsx";

/** Lets the command line in, once one has seen that it is one's own. */
export function DevicePage() {
  const words = useText();
  const text = words.account;
  const navigate = useNavigate();
  const code = useParams({ from: "/in/device/{-$code}" }).code ?? new URLSearchParams(location.search).get("code") ?? "";
  const waiting = useQuery({
    queryKey: ["device", code],
    queryFn: () => ask("readDevice", { path: { code } }),
    enabled: code !== "",
    retry: false,
  });
  const answer = useMutation({ mutationFn: (allow: boolean) => ask("answerDevice", { path: { code }, body: { allow } }) });
  if (code === "") {
    return (
      <PlainPage title={text.deviceTitle}>
        <div className={styles.narrow}>
          <AccountForm
            action={text.signIn}
            onSend={async (fields) => navigate({ to: "/device/{-$code}", params: { code: (fields["code"] ?? "").trim() } })}
          >
            <Field label="BCDF-GHJK" name="code" required autoFocus autoComplete="off" />
          </AccountForm>
        </div>
      </PlainPage>
    );
  }
  const problem = waiting.error ?? answer.error;
  return (
    <PlainPage title={text.deviceTitle}>
      {problem && <Problem>{explain(problem, words.common)}</Problem>}
      {answer.isSuccess && <p role="status">{answer.variables ? text.deviceAllowed : text.deviceRefused}</p>}
      {waiting.data && !answer.isSuccess && (
        <>
          <p>{text.deviceLine(waiting.data.userCode, waiting.data.address)}</p>
          <br />
          <div className={styles.actions}>
            <Button kind="action" disabled={answer.isPending} onClick={() => answer.mutate(true)}>
              {text.allow}
            </Button>
            <Button disabled={answer.isPending} onClick={() => answer.mutate(false)}>
              {text.refuse}
            </Button>
          </div>
        </>
      )}
    </PlainPage>
  );
}

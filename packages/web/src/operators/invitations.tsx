import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "../controls/button.tsx";
import { useFigures } from "../language/figures.ts";
import { useText } from "../language/language.tsx";
import { Section } from "../layout/plain-page.tsx";
import { ask } from "../server/ask.ts";
import styles from "./operate.module.css";
import { StateWord } from "./state-word.tsx";

export const INVITATIONS = ["invitations"] as const;

export function Invitations() {
  const text = useText().operate;
  const figures = useFigures();
  const client = useQueryClient();
  const invitations = useQuery({
    queryKey: INVITATIONS,
    queryFn: ({ signal }) => ask("listInvitations", { query: { limit: 100 }, signal }),
  });
  const withdraw = useMutation({
    mutationFn: (id: string) => ask("withdrawInvitation", { path: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: INVITATIONS }),
  });
  const entries = invitations.data?.entries ?? [];
  if (entries.length === 0) return null;
  return (
    <Section title={text.invitations}>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <tbody>
            {entries.map((one) => (
              <tr key={one.id}>
                <td className={styles.main}>{one.email}</td>
                <td>
                  {one.acceptedAt !== null ? (
                    <StateWord tone="molle">{text.accepted}</StateWord>
                  ) : one.expiresAt < Date.now() ? (
                    <StateWord tone="ash">{text.invitationLapsed}</StateWord>
                  ) : (
                    <StateWord tone="maize">{text.waits}</StateWord>
                  )}
                </td>
                <td>{figures.date(one.createdAt)}</td>
                <td className={styles.act}>
                  {one.acceptedAt === null && (
                    <Button kind="quiet" onClick={() => withdraw.mutate(one.id)}>
                      {text.withdraw}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Menu, MenuChoices, MenuItem, MenuLine } from "../controls/menu.tsx";
import { Icon } from "../icons/icon.tsx";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";
import { isAdmin, useSession } from "../session/session.ts";
import { useChangeSettings } from "../session/settings.ts";
import styles from "./person-menu.module.css";

type Theme = "system" | "light" | "dark";

export function PersonMenu() {
  const text = useText();
  const session = useSession();
  const navigate = useNavigate();
  const client = useQueryClient();
  const change = useChangeSettings();
  const operate = (view: string) => navigate({ to: "/operate/$view", params: { view } });
  const signOut = async () => {
    await ask("signOut", {});
    history.replaceState(null, "", "/");
    client.clear();
    location.reload();
  };
  return (
    <Menu
      side="top"
      trigger={
        <button type="button" className={styles.person}>
          <span>{session.person.name}</span>
          <Icon name="down" size={12} />
        </button>
      }
    >
      <MenuItem icon="sliders" onChoose={() => void navigate({ to: "/settings" })}>
        {text.account.settings}
      </MenuItem>
      <MenuItem icon="key" onChoose={() => void operate("keys")}>
        {text.operate.keys}
      </MenuItem>
      <MenuItem icon="clock" onChoose={() => void operate("usage")}>
        {text.operate.usage}
      </MenuItem>
      {(session.operator || isAdmin(session)) && (
        <MenuItem icon="panel" onChoose={() => void operate(session.operator ? "models" : "members")}>
          {text.operate.operate}
        </MenuItem>
      )}
      <MenuLine />
      <MenuChoices
        label={text.account.theme}
        value={session.settings.theme}
        options={[
          { value: "system", label: text.account.system },
          { value: "light", label: text.account.light },
          { value: "dark", label: text.account.dark },
        ]}
        onChoose={(theme) => change.mutate({ theme: theme as Theme })}
      />
      <MenuLine />
      <MenuItem onChoose={() => void signOut()}>{text.account.signOut}</MenuItem>
    </Menu>
  );
}

import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import dialog from "../controls/dialog.module.css";
import { useText } from "../language/language.tsx";
import { ask } from "../server/ask.ts";
import { useSession } from "../session/session.ts";
import { useChangeSettings } from "../session/settings.ts";
import styles from "./palette.module.css";
import { SHORTCUTS } from "./shortcuts.ts";

interface Command {
  id: string;
  label: string;
  keys?: string;
  note?: string;
  run: () => void;
}

interface PaletteProps {
  onClose: () => void;
  onToggleColumn: () => void;
}

/** Everything by keyboard: commands, and conversations by their words. */
export default function Palette({ onClose, onToggleColumn }: PaletteProps) {
  const text = useText();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const shown = useMatching(typed, onToggleColumn);
  const chosen = shown[Math.min(at, shown.length - 1)];
  const run = (command: Command) => {
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((now) => Math.min(now + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setAt((now) => Math.max(now - 1, 0));
    else if (event.key === "Enter" && chosen) run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.backdrop} />
        <Dialog.Popup className={`${dialog.center} ${styles.palette}`}>
          <Dialog.Title className="unseen">{text.composer.commands}</Dialog.Title>
          <input
            className={styles.field}
            role="combobox"
            aria-expanded
            aria-controls={list}
            aria-activedescendant={chosen && `${list}-${chosen.id}`}
            aria-label={text.composer.commandsHint}
            placeholder={text.composer.commandsHint}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
            // biome-ignore lint/a11y/noAutofocus: it was asked for
            autoFocus
          />
          <div id={list} role="listbox" aria-label={text.composer.commands} className={styles.list}>
            {shown.map((command) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken by the field, which owns the list
              <div
                key={command.id}
                id={`${list}-${command.id}`}
                role="option"
                tabIndex={-1}
                aria-selected={command === chosen}
                className={styles.command}
                onClick={() => run(command)}
              >
                <span className={styles.label}>{command.label}</span>
                {command.note && <span className={styles.note}>{command.note}</span>}
                {command.keys && <kbd className={styles.note}>{command.keys}</kbd>}
              </div>
            ))}
            {shown.length === 0 && <p className={styles.none}>{text.composer.nothingFound}</p>}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function useMatching(typed: string, onToggleColumn: () => void): Command[] {
  const text = useText();
  const navigate = useNavigate();
  const session = useSession();
  const change = useChangeSettings();
  const wanted = typed.trim();
  const found = useQuery({
    queryKey: ["palette", wanted],
    queryFn: ({ signal }) => ask("search", { query: { q: wanted, limit: 8 }, signal }),
    enabled: wanted.length > 1,
    placeholderData: (before) => before,
  });
  const go = (view: string) => () => void navigate({ to: "/operate/$view", params: { view } });
  const dark = document.documentElement.dataset["theme"] === "dark";
  const commands: Command[] = [
    { id: "new", label: text.chat.newConversation, keys: SHORTCUTS.new, run: () => void navigate({ to: "/" }) },
    {
      id: "search",
      label: text.chat.search,
      keys: SHORTCUTS.search,
      run: () => void navigate({ to: "/search", search: { q: wanted } }),
    },
    { id: "column", label: text.chat.conversations, keys: SHORTCUTS.column, run: onToggleColumn },
    { id: "prompts", label: text.composer.promptsTitle, run: () => void navigate({ to: "/prompts" }) },
    {
      id: "theme",
      label: dark ? text.account.light : text.account.dark,
      note: text.account.theme,
      run: () => change.mutate({ theme: dark ? "light" : "dark" }),
    },
    { id: "settings", label: text.account.settings, run: () => void navigate({ to: "/settings" }) },
    { id: "keys", label: text.operate.keys, run: go("keys") },
    { id: "usage", label: text.operate.usage, run: go("usage") },
  ];
  if (session.operator) {
    for (const view of ["models", "replicas", "health"] as const)
      commands.push({ id: view, label: text.operate[view], run: go(view) });
  }
  if (session.standing.role !== "member") {
    for (const view of ["members", "audit"] as const) commands.push({ id: view, label: text.operate[view], run: go(view) });
  }
  const matching = commands.filter((command) => command.label.toLowerCase().includes(wanted.toLowerCase()));
  const hits = wanted.length > 1 ? (found.data?.entries ?? []) : [];
  const conversations = new Map(hits.map((hit) => [hit.conversationId, hit.title || text.chat.untitled]));
  return [
    ...matching,
    ...[...conversations].map(([id, title]) => ({
      id,
      label: title,
      note: text.chat.conversations,
      run: () => void navigate({ to: "/c/$id", params: { id } }),
    })),
  ];
}

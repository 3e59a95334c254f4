import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { Confirm } from "../controls/confirm.tsx";
import { Menu, MenuChoices, MenuItem, MenuLine } from "../controls/menu.tsx";
import { NameDialog } from "../controls/name-dialog.tsx";
import { useText } from "../language/language.tsx";
import { addressOf } from "../server/ask.ts";
import { ShareDialog } from "../sharing/share-dialog.tsx";
import { useChangeConversation, useDeleteConversation } from "./changes.ts";
import { type ConversationEntry, foldersQuery } from "./queries.ts";

const NOWHERE = "-";

interface ConversationMenuProps {
  entry: ConversationEntry;
  trigger: ReactElement<Record<string, unknown>>;
}

/** All that can be done with a conversation as a whole. */
export function ConversationMenu({ entry, trigger }: ConversationMenuProps) {
  const text = useText().chat;
  const navigate = useNavigate();
  const here = useParams({ strict: false }).id === entry.id;
  const change = useChangeConversation();
  const remove = useDeleteConversation();
  const folders = useQuery(foldersQuery).data?.entries ?? [];
  const [asking, setAsking] = useState<"rename" | "share" | "delete" | null>(null);
  const { id } = entry;
  const title = entry.title || text.untitled;
  const download = (format: "json" | "markdown") => {
    location.assign(addressOf("exportChats", undefined, { conversation: id, format }).url);
  };
  return (
    <>
      <Menu trigger={trigger}>
        <MenuItem icon="edit" onChoose={() => setAsking("rename")}>
          {text.rename}
        </MenuItem>
        <MenuItem icon="pin" onChoose={() => change.mutate({ id, pinned: !entry.pinned })}>
          {entry.pinned ? text.unpin : text.pin}
        </MenuItem>
        <MenuItem icon="archive" onChoose={() => change.mutate({ id, archived: !entry.archived })}>
          {entry.archived ? text.unarchive : text.archive}
        </MenuItem>
        <MenuItem icon="link" onChoose={() => setAsking("share")}>
          {text.share}
        </MenuItem>
        <MenuItem icon="download" onChoose={() => download("markdown")}>
          {text.exportMarkdown}
        </MenuItem>
        <MenuItem icon="download" onChoose={() => download("json")}>
          {text.exportJson}
        </MenuItem>
        {folders.length > 0 && (
          <>
            <MenuLine />
            <MenuChoices
              label={text.moveTo}
              value={entry.folderId ?? NOWHERE}
              options={[{ value: NOWHERE, label: text.noFolder }, ...folders.map((one) => ({ value: one.id, label: one.name }))]}
              onChoose={(value) => change.mutate({ id, folderId: value === NOWHERE ? null : value })}
            />
          </>
        )}
        <MenuLine />
        <MenuItem icon="trash" grave onChoose={() => setAsking("delete")}>
          {text.delete}
        </MenuItem>
      </Menu>
      <NameDialog
        open={asking === "rename"}
        title={text.rename}
        label={text.rename}
        value={entry.title}
        onClose={() => setAsking(null)}
        onName={(name) => change.mutateAsync({ id, title: name })}
      />
      <Confirm
        open={asking === "delete"}
        title={text.deleteAsk(title)}
        action={text.delete}
        onClose={() => setAsking(null)}
        onConfirm={async () => {
          await remove.mutateAsync(id);
          if (here) await navigate({ to: "/" });
        }}
      >
        {text.deleteMeans}
      </Confirm>
      {asking === "share" && <ShareDialog id={id} onClose={() => setAsking(null)} />}
    </>
  );
}

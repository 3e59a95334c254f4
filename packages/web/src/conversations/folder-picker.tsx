import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { IconButton } from "../controls/button.tsx";
import { Confirm } from "../controls/confirm.tsx";
import { Menu, MenuChoices, MenuItem, MenuLine } from "../controls/menu.tsx";
import { NameDialog } from "../controls/name-dialog.tsx";
import { Icon } from "../icons/icon.tsx";
import { useText } from "../language/language.tsx";
import { useChangeFolder, useCreateFolder } from "./changes.ts";
import styles from "./folder-picker.module.css";
import { foldersQuery, type Shelf } from "./queries.ts";

const ALL = "all";
const ARCHIVE = "archive";

const shelfName = (shelf: Shelf) => shelf.folder ?? (shelf.archived ? ARCHIVE : ALL);

/** Which conversations the column lists: all, one folder's, the archive's. A word one can click. */
export function FolderPicker({ shelf, onChoose }: { shelf: Shelf; onChoose: (shelf: Shelf) => void }) {
  const text = useText();
  const folders = useQuery(foldersQuery).data?.entries ?? [];
  const create = useCreateFolder();
  const change = useChangeFolder();
  const [asking, setAsking] = useState<"new" | "rename" | "delete" | null>(null);
  const folder = folders.find((one) => one.id === shelf.folder);
  const label = folder?.name ?? (shelf.archived ? text.chat.archived : text.chat.conversations);
  return (
    <div className={styles.row}>
      <Menu
        trigger={
          <button type="button" className={styles.word}>
            {label}
            <Icon name="down" size={12} />
          </button>
        }
      >
        <MenuChoices
          label={text.chat.conversations}
          value={shelfName(shelf)}
          options={[
            { value: ALL, label: text.chat.conversations },
            ...folders.map((one) => ({ value: one.id, label: one.name })),
            { value: ARCHIVE, label: text.chat.archived },
          ]}
          onChoose={(value) => onChoose(value === ALL ? {} : value === ARCHIVE ? { archived: true } : { folder: value })}
        />
        <MenuLine />
        <MenuItem icon="folder" onChoose={() => setAsking("new")}>
          {text.chat.newFolder}
        </MenuItem>
        {folder && (
          <>
            <MenuItem icon="edit" onChoose={() => setAsking("rename")}>
              {text.chat.rename}
            </MenuItem>
            <MenuItem icon="trash" grave onChoose={() => setAsking("delete")}>
              {text.chat.deleteFolder}
            </MenuItem>
          </>
        )}
      </Menu>
      <IconButton icon="folder" name={text.chat.newFolder} onClick={() => setAsking("new")} />
      <NameDialog
        open={asking === "new"}
        title={text.chat.newFolder}
        label={text.chat.folderName}
        onClose={() => setAsking(null)}
        onName={async (name) => onChoose({ folder: (await create.mutateAsync(name)).id })}
      />
      {folder && (
        <>
          <NameDialog
            open={asking === "rename"}
            title={text.chat.rename}
            label={text.chat.folderName}
            value={folder.name}
            onClose={() => setAsking(null)}
            onName={(name) => change.mutateAsync({ id: folder.id, name })}
          />
          <Confirm
            open={asking === "delete"}
            title={text.chat.deleteAsk(folder.name)}
            action={text.chat.deleteFolder}
            onClose={() => setAsking(null)}
            onConfirm={async () => {
              await change.mutateAsync({ id: folder.id, name: null });
              onChoose({});
            }}
          >
            {text.chat.deleteFolderAsk}
          </Confirm>
        </>
      )}
    </div>
  );
}

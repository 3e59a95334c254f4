import { memo } from "react";
import { Menu, MenuChoices } from "../controls/menu.tsx";
import { useChangeConversation } from "../conversations/changes.ts";
import type { Conversation } from "../conversations/queries.ts";
import { useText } from "../language/language.tsx";
import { AboutModel } from "../models/about-model.ts";
import { modelFor, useModels } from "../models/queries.ts";
import { useSession } from "../session/session.ts";
import { useChangeSettings } from "../session/settings.ts";
import styles from "./composer.module.css";

const NO_ADAPTER = "-";

/** Model and adapter as words one can click. In a new conversation a choice is kept as one's own default. */
export const ModelWords = memo(function ModelWords({ conversation }: { conversation: Conversation | null }) {
  const text = useText();
  const { settings } = useSession();
  const models = useModels();
  const changeConversation = useChangeConversation();
  const changeSettings = useChangeSettings();
  const chosen = conversation ?? settings;
  const model = modelFor(models, chosen.model);
  const choose = (choice: { model: string; adapter: string | null }) => {
    if (conversation) changeConversation.mutate({ id: conversation.id, ...choice });
    else changeSettings.mutate(choice);
  };
  if (!model) return <span className={styles.words}>{text.chat.noModel}</span>;
  return (
    <span className={styles.words}>
      <Menu
        side="top"
        trigger={
          <button type="button" className={`${styles.word} ${styles.model}`} aria-label={`${text.chat.model}: ${model.name}`}>
            {model.name}
          </button>
        }
      >
        <MenuChoices
          label={text.chat.model}
          value={model.name}
          options={models.map((one) => ({
            value: one.name,
            label: one.name,
            note: one.allowed ? <AboutModel model={one} /> : (one.refusal ?? text.chat.notAllowed),
            disabled: !one.allowed,
          }))}
          onChoose={(name) => choose({ model: name, adapter: null })}
        />
      </Menu>
      {model.adapters.length > 0 && (
        <Menu
          side="top"
          trigger={
            <button
              type="button"
              className={styles.word}
              aria-label={`${text.chat.adapter}: ${chosen.adapter ?? text.chat.noAdapter}`}
            >
              {chosen.adapter ?? text.chat.noAdapter}
            </button>
          }
        >
          <MenuChoices
            label={text.chat.adapter}
            value={chosen.adapter ?? NO_ADAPTER}
            options={[
              { value: NO_ADAPTER, label: text.chat.noAdapter },
              ...model.adapters.map((adapter) => ({ value: adapter, label: adapter })),
            ]}
            onChoose={(adapter) => choose({ model: model.name, adapter: adapter === NO_ADAPTER ? null : adapter })}
          />
        </Menu>
      )}
    </span>
  );
});

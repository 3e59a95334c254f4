import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/outlines.ts";
import styles from "./menu.module.css";

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  children: ReactNode;
  side?: "top" | "bottom";
  align?: "start" | "end";
}

export function Menu({ trigger, children, side = "bottom", align = "start" }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner side={side} align={align} sideOffset={4} className={styles.positioner}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface MenuItemProps {
  icon?: IconName;
  grave?: boolean;
  keys?: string;
  onChoose: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, grave, keys, onChoose, children }: MenuItemProps) {
  return (
    <Base.Item className={`${styles.item} ${grave ? styles.grave : ""}`} onClick={onChoose}>
      {icon ? <Icon name={icon} /> : <span className={styles.gap} />}
      <span>{children}</span>
      {keys && <kbd className={styles.keys}>{keys}</kbd>}
    </Base.Item>
  );
}

interface MenuChoicesProps {
  label: string;
  value: string;
  options: readonly { value: string; label: ReactNode; note?: ReactNode; disabled?: boolean }[];
  onChoose: (value: string) => void;
}

export function MenuChoices({ label, value, options, onChoose }: MenuChoicesProps) {
  return (
    <Base.Group>
      <Base.GroupLabel className={styles.label}>{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next: string) => onChoose(next)}>
        {options.map((option) => (
          <Base.RadioItem
            key={option.value}
            value={option.value}
            disabled={option.disabled ?? false}
            className={styles.item}
            closeOnClick
          >
            <span className={styles.gap}>
              <Base.RadioItemIndicator>
                <Icon name="check" />
              </Base.RadioItemIndicator>
            </span>
            <span className={styles.option}>
              <span>{option.label}</span>
              {option.note && <span className={styles.note}>{option.note}</span>}
            </span>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuLine() {
  return <Base.Separator className={styles.line} />;
}

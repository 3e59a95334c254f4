import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon } from "../icons/icon.tsx";
import type { IconName } from "../icons/outlines.ts";
import styles from "./button.module.css";

/** `action`: the one thing to do here. `plain`: another way on. `quiet`: among many of its kind. `grave`: it cannot be undone. */
export type ButtonKind = "action" | "plain" | "quiet" | "grave";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  icon?: IconName;
  children: ReactNode;
}

export function Button({ kind = "plain", icon, children, className, type = "button", ...rest }: ButtonProps) {
  return (
    <button type={type} className={`${styles.button} ${styles[kind]} ${className ?? ""}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  /** What it does, for everyone: the accessible name and the tooltip. */
  name: string;
}

export function IconButton({ icon, name, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button type={type} aria-label={name} title={name} className={`${styles.icon} ${className ?? ""}`} {...rest}>
      <Icon name={icon} />
    </button>
  );
}

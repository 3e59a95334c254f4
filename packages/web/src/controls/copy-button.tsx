import { useEffect, useState } from "react";
import { useText } from "../language/language.tsx";
import { IconButton } from "./button.tsx";

const SAID_MS = 1600;

/** Copies `text()` and says so where the button stands. */
export function CopyButton({ text, name }: { text: () => string; name: string }) {
  const words = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return <IconButton icon={copied ? "check" : "copy"} name={copied ? words.common.copied : name} onClick={copy} />;
}

import type { ReactNode } from "react";

const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/** The address if a link may go there; relative ones would lead to pages of ours that a model has no business with. */
export function safeAddress(href: string | undefined): string | undefined {
  if (!href) return undefined;
  try {
    const url = new URL(href);
    return ALLOWED.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

export function SafeLink({ href, children }: { href?: string | undefined; children?: ReactNode }) {
  const address = safeAddress(href);
  if (!address) return <span>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={address}>
      {children}
    </a>
  );
}

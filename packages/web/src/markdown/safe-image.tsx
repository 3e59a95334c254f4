import { Icon } from "../icons/icon.tsx";
import { useText } from "../language/language.tsx";
import { safeAddress } from "./safe-link.tsx";

/** Images of elsewhere are never fetched by themselves: their address can carry what was said out of the house. */
export function SafeImage({ src, alt }: { src?: string | Blob | undefined; alt?: string | undefined }) {
  const text = useText();
  const address = typeof src === "string" ? safeAddress(src) : undefined;
  const words = (
    <>
      <Icon name="link" /> {alt || text.chat.image}
    </>
  );
  if (!address) return <span>{words}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={text.chat.remoteImage}>
      {words}
    </a>
  );
}

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { branchKey, CONVERSATIONS, conversationKey } from "./queries.ts";

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("arriero");

/** Something in this conversation is new: other tabs of this browser look again. */
export const tellOtherTabs = (id: string): void => channel?.postMessage(id);

export function useOtherTabs(): void {
  const client = useQueryClient();
  useEffect(() => {
    const heard = ({ data: id }: MessageEvent<string>) => {
      for (const queryKey of [CONVERSATIONS, conversationKey(id), branchKey(id)]) void client.invalidateQueries({ queryKey });
    };
    channel?.addEventListener("message", heard);
    return () => channel?.removeEventListener("message", heard);
  }, [client]);
}

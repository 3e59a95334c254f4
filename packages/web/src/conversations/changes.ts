import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, type BodyOf } from "../server/ask.ts";
import { tellOtherTabs } from "./other-tabs.ts";
import { CONVERSATIONS, conversationKey, FOLDERS } from "./queries.ts";

/** Renames, pins, archives, moves; sets model, prompt, parameters or branch. */
export function useChangeConversation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: { id: string } & BodyOf<"changeConversation">) =>
      ask("changeConversation", { path: { id }, body }),
    onSuccess: (conversation) => {
      client.setQueryData(conversationKey(conversation.id), conversation);
      tellOtherTabs(conversation.id);
      return client.invalidateQueries({ queryKey: CONVERSATIONS });
    },
  });
}

export function useDeleteConversation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask("deleteConversation", { path: { id } }),
    onSuccess: (_nothing, id) => {
      client.removeQueries({ queryKey: conversationKey(id) });
      tellOtherTabs(id);
      return client.invalidateQueries({ queryKey: CONVERSATIONS });
    },
  });
}

export function useCreateFolder() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => ask("createFolder", { body: { name } }),
    onSuccess: () => client.invalidateQueries({ queryKey: FOLDERS }),
  });
}

export function useChangeFolder() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: { id: string; name: string | null }) =>
      name === null ? ask("deleteFolder", { path: { id } }) : ask("renameFolder", { path: { id }, body: { name } }),
    onSuccess: () =>
      Promise.all([client.invalidateQueries({ queryKey: FOLDERS }), client.invalidateQueries({ queryKey: CONVERSATIONS })]),
  });
}

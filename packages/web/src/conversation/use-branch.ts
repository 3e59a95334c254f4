import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { tellOtherTabs } from "../conversations/other-tabs.ts";
import { branchKey, branchQuery, CONVERSATIONS, conversationKey } from "../conversations/queries.ts";
import { type AnswerOf, ask, type BodyOf } from "../server/ask.ts";
import { type BranchMessage, type BranchPages, inOrder, withMessage, withStarted } from "./branch.ts";
import { LiveAnswers } from "./live-answers.ts";

export type Asking = BodyOf<"sendMessage">;

/** The branch of a conversation that is shown: its messages, its running answers, and all that goes on from it. */
export interface Branch {
  readonly messages: readonly BranchMessage[];
  readonly loaded: boolean;
  readonly live: LiveAnswers;
  readonly running: boolean;
  readonly problem: unknown;
  /** Fetches what was said before, if there is more. */
  readonly earlier: () => void;
  readonly send: (message: Asking) => Promise<boolean>;
  readonly retry: (answer: BranchMessage) => Promise<void>;
  readonly goOn: (answer: BranchMessage) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly show: (messageId: string) => Promise<void>;
}

const NO_MESSAGES: readonly BranchMessage[] = [];

export function useBranch(id: string): Branch {
  const client = useQueryClient();
  const query = useInfiniteQuery(branchQuery(id));
  const [problem, setProblem] = useState<unknown>(null);
  const messages = useMemo(() => (query.data ? inOrder(query.data) : NO_MESSAGES), [query.data]);
  const running = useMemo(() => messages.filter((one) => one.state === "running"), [messages]);

  const lookAgain = useCallback(() => {
    void client.invalidateQueries({ queryKey: CONVERSATIONS });
    void client.invalidateQueries({ queryKey: conversationKey(id) });
  }, [client, id]);

  const [live] = useState(
    () =>
      new LiveAnswers({
        onEnd: (message) => {
          client.setQueryData<BranchPages>(branchKey(id), (pages) => withMessage(pages, message));
          lookAgain();
        },
        onRefused: () => void client.invalidateQueries({ queryKey: branchKey(id) }),
      }),
  );
  useEffect(() => {
    live.watch(
      running.flatMap((one) =>
        one.generationId === null ? [] : [{ generationId: one.generationId, text: one.text, reasoning: one.reasoning }],
      ),
    );
  }, [live, running]);
  useEffect(() => () => live.close(), [live]);

  const began = useCallback(
    async (starting: Promise<AnswerOf<"sendMessage">>) => {
      setProblem(null);
      try {
        const started = await starting;
        await client.cancelQueries({ queryKey: branchKey(id) });
        client.setQueryData<BranchPages>(branchKey(id), (pages) => withStarted(pages, started));
        lookAgain();
        tellOtherTabs(id);
        return true;
      } catch (thrown) {
        setProblem(thrown);
        return false;
      }
    },
    [client, id, lookAgain],
  );

  const show = async (messageId: string) => {
    try {
      const { leafId } = await ask("branchLeaf", { path: { id: messageId } });
      await ask("changeConversation", { path: { id }, body: { leafId } });
      await client.invalidateQueries({ queryKey: branchKey(id) });
    } catch (thrown) {
      setProblem(thrown);
    }
  };

  return {
    messages,
    loaded: query.data !== undefined,
    live,
    running: running.length > 0,
    problem: problem ?? query.error,
    earlier: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    send: (message) => began(ask("sendMessage", { path: { id }, body: message })),
    retry: async (answer) => void (await began(ask("retryMessage", { path: { id: answer.id }, body: {} }))),
    goOn: async (answer) => {
      if (answer.generationId) await began(ask("continueGeneration", { path: { id: answer.generationId } }));
    },
    stop: async () => {
      await Promise.all(
        running.map(({ generationId }) => generationId && ask("stopGeneration", { path: { id: generationId } })),
      ).catch(setProblem);
    },
    show,
  };
}

import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";

/** Opens a session for somebody whom a provider has let in. Called by this server alone: better-auth's routes are not served. */
export const sessionOpener = {
  id: "arriero-session",
  endpoints: {
    openSession: createAuthEndpoint(
      "/arriero/open-session",
      { method: "POST", body: z.object({ personId: z.string() }), metadata: { SERVER_ONLY: true } },
      async (context) => {
        const { internalAdapter } = context.context;
        const user = await internalAdapter.findUserById(context.body.personId);
        if (user === null) return context.json({ opened: false });
        await setSessionCookie(context, { session: await internalAdapter.createSession(user.id), user });
        return context.json({ opened: true });
      },
    ),
  },
} satisfies BetterAuthPlugin;

import type { Route } from "../../http/route.ts";
import { conversationRoutes } from "./conversations.ts";
import { type PageKeyServices, pageKeyRoutes } from "./keys.ts";
import { type MessageServices, messageRoutes } from "./messages.ts";
import { type PageModelServices, pageModelRoutes } from "./page-models.ts";
import { type PeopleServices, peopleRoutes } from "./people.ts";
import { type SessionServices, sessionRoutes } from "./session.ts";
import { sharingRoutes } from "./sharing.ts";

export type PageServices = SessionServices & MessageServices & PageKeyServices & PageModelServices & PeopleServices;

/** The page's API, as packages/spec/src/page-api declares it. */
export function pageRoutes(services: PageServices): readonly Route[] {
  return [
    ...sessionRoutes(services),
    ...pageModelRoutes(services),
    ...conversationRoutes(services),
    ...messageRoutes(services),
    ...sharingRoutes(services),
    ...pageKeyRoutes(services),
    ...peopleRoutes(services),
  ];
}

import { conversationEndpoints } from "./conversations.ts";
import { keyEndpoints } from "./keys.ts";
import { messageEndpoints } from "./messages.ts";
import { modelEndpoints } from "./models.ts";
import { peopleEndpoints } from "./people.ts";
import { sessionEndpoints } from "./session.ts";
import { sharingEndpoints } from "./sharing.ts";

/** Every route of the page. docs/page-api.md is checked against this table. */
export const PAGE_API = {
  ...sessionEndpoints,
  ...modelEndpoints,
  ...conversationEndpoints,
  ...messageEndpoints,
  ...sharingEndpoints,
  ...keyEndpoints,
  ...peopleEndpoints,
};

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ConversationPage } from "./conversation/conversation-page.tsx";
import { NewConversationPage } from "./conversation/new-conversation-page.tsx";
import { NothingHere } from "./layout/nothing-here.tsx";
import { Shell } from "./layout/shell.tsx";

const root = createRootRoute();
/** Everything behind the sign-in, with the conversations at its side. */
const inside = createRoute({ getParentRoute: () => root, id: "in", component: Shell, notFoundComponent: NothingHere });

const start = createRoute({ getParentRoute: () => inside, path: "/", component: NewConversationPage });
const conversation = createRoute({ getParentRoute: () => inside, path: "/c/$id", component: ConversationPage });
const search = createRoute({
  getParentRoute: () => inside,
  path: "/search",
  validateSearch: (given: Record<string, unknown>) => ({ q: typeof given["q"] === "string" ? given["q"] : "" }),
  component: lazyRouteComponent(() => import("./search/search-page.tsx"), "SearchPage"),
});
const prompts = createRoute({
  getParentRoute: () => inside,
  path: "/prompts",
  component: lazyRouteComponent(() => import("./prompts/prompts-page.tsx"), "PromptsPage"),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/settings-page.tsx"), "SettingsPage"),
});
const device = createRoute({
  getParentRoute: () => inside,
  path: "/device/{-$code}",
  component: lazyRouteComponent(() => import("./account/device-page.tsx"), "DevicePage"),
});
const operate = createRoute({
  getParentRoute: () => inside,
  path: "/operate/$view",
  component: lazyRouteComponent(() => import("./operators/operate-page.tsx"), "OperatePage"),
});
const shared = createRoute({
  getParentRoute: () => root,
  path: "/shared/$id",
  component: lazyRouteComponent(() => import("./sharing/shared-page.tsx"), "SharedPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([inside.addChildren([start, conversation, search, prompts, settings, device, operate]), shared]),
  defaultPreload: "intent",
  defaultNotFoundComponent: NothingHere,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

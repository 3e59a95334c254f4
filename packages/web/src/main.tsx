import "@fontsource-variable/fira-code/wght.css";
import "@fontsource-variable/rosario/wght-italic.css";
import "@fontsource-variable/rosario/wght.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Gate } from "./account/gate.tsx";
import { fetchMarkdown } from "./markdown/markdown.tsx";
import { router } from "./router.tsx";
import { makeQueryClient } from "./server/query-client.ts";

/** By then the first view stands. */
const CALM_MS = 500;

const page = document.getElementById("page");
if (!page) throw new Error("index.html has no #page");

// Beside the first answers, not after them; elsewhere it can wait until the view stands. What fails is tried again where it is
// needed.
const soon = () => void fetchMarkdown().catch(() => undefined);
if (location.pathname.startsWith("/c/")) soon();
else setTimeout(soon, CALM_MS);

createRoot(page).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={makeQueryClient()}>
        <Gate>
          <RouterProvider router={router} />
        </Gate>
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
);

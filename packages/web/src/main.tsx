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
import { router } from "./router.tsx";
import { makeQueryClient } from "./server/query-client.ts";

const page = document.getElementById("page");
if (!page) throw new Error("index.html has no #page");

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

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ask } from "./api/session.ts";
import { App } from "./app.tsx";
import { startLanguage } from "./language/index.ts";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");

// The question who is signed in goes out beside the dictionary, so that neither waits for the other. A key holder's page asks nobody.
if (!/^\/web\/key\/?$/.test(location.pathname)) void ask();
await startLanguage();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

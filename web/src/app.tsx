import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Route, Router, Switch } from "wouter";
import { withRest } from "./language/index.ts";
import { queryClient } from "./api/query.ts";
import { Loading } from "./parts/empty.tsx";
import { Boundary } from "./shell/boundary.tsx";
import { Door } from "./shell/door.tsx";
import { theme } from "./theme.ts";

const Holder = lazy(() => withRest(import("./pages/holder/holder.tsx")));
const scheme = localStorageColorSchemeManager({ key: "relay-scheme" });

export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={scheme}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <Notifications position="bottom-right" limit={4} />
      <Boundary>
        <QueryClientProvider client={queryClient}>
          <Router base="/web">
            <Suspense fallback={<Loading />}>
              <Switch>
                <Route path="/key" component={Holder} />
                <Route component={Door} />
              </Switch>
            </Suspense>
          </Router>
        </QueryClientProvider>
      </Boundary>
    </MantineProvider>
  );
}

import { QueryClient } from "@tanstack/react-query";
import { Refused } from "./refused.ts";

/** Reads are kept for half a minute: coming back to a page or a tab must not cost the store a command each time. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 600_000,
      retry: (count, error) => count < 2 && error instanceof Refused && (error.status === 0 || error.status >= 500),
      retryDelay: (attempt) => 800 * 2 ** attempt,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

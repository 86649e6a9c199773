import { undiciDispatch } from "../../functions/runtimes/http-client/undici.ts";
import type { Dispatch } from "../../functions/wire/dispatch.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { startUpstream } from "../upstream/upstream.ts";
import type { Desk } from "./desk.ts";
import { openDesk } from "./desk.ts";

/** A desk whose accounts reach the simulated provider, over the dispatch that the relay runs with. */
export interface Shop extends Desk {
  readonly provider: Upstream;
  /** Settings that point a sign-in at the simulated provider. */
  readonly signInSettings: Record<string, string>;
  /** What was sent out, oldest first. */
  readonly sent: Parameters<Dispatch>[0][];
}

export async function openShop(): Promise<Shop> {
  const provider = await startUpstream();
  const { dispatch, close } = undiciDispatch();
  const sent: Shop["sent"] = [];
  const desk = await openDesk((outbound) => {
    sent.push(outbound);
    return dispatch(outbound);
  });
  const signInSettings = {
    authorizeUrl: `${provider.url}/oauth/authorize`,
    tokenUrl: `${provider.url}/v1/oauth/token`,
    redirectUri: `${provider.url}/oauth/code/callback`,
  };
  return {
    ...desk,
    ...{ provider, signInSettings, sent },
    async stop() {
      await desk.stop();
      await close();
      await provider.stop();
    },
  };
}

/** Opens a sign-in link as a browser does: the provider consents and sends the browser on to the callback URL. */
export async function consent(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: "manual" });
  const callback = answer.headers.get("location");
  if (callback === null) throw new Error(`The provider did not consent: ${answer.status} ${await answer.text()}`);
  return callback;
}

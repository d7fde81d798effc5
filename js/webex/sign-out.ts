/** Signs the user out, after what can be revoked was. */
import { report } from "../shared/report.js";
import { within } from "../shared/within.js";
import type { Bridge } from "../widget/index.js";
import type { TokenSource } from "./token-source.js";

/** How long the code that revokes may take to load, in milliseconds. */
const LOADING_PATIENCE = 5000;

/** @param load `null`: there is no way to revoke anything. What goes wrong with a revocation is reported, and the user is signed out all the same. */
export async function signOut(bridge: Bridge, load: (() => Promise<Pick<TokenSource, "revoke">>) | null): Promise<void> {
  if (load && bridge.session.status === "authorized") {
    try {
      // What is loaded later revokes nothing: another user may be there by then.
      await (await within(LOADING_PATIENCE, load())).revoke(bridge);
    } catch (error) {
      report(error);
    }
  }
  await bridge.signOut();
}

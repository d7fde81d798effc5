/** The ways to sign in: which of them can work here, and how each is tried. */

import { requestStorageAccess, storageAccess } from "../storage-access/index.js";
import type { Bridge, Grant, SignInOptions } from "../widget/index.js";

/**
 * - `host`: the page that embeds the widget signs the user in; there is such a method where it has `onSignInRequest`
 * - `storage-access`: the browser is asked for the site's own cookies, and `cookie` says whose they are; where the browser can be asked
 * - `popup`: `bridge.signIn()`
 * - `link`: your site in a tab of its own
 */
export type SignInMethod = "host" | "storage-access" | "popup" | "link";

export const ORDER: readonly SignInMethod[] = ["host", "storage-access", "popup", "link"];

/** How long the host may take, in milliseconds. */
const HOST_PATIENCE = 120_000;

export type AskCookie = (request: { readonly signal: AbortSignal }) => Grant | null | PromiseLike<Grant | null>;

export class Methods {
  constructor(
    private readonly bridge: Bridge,
    private readonly cookie: AskCookie | undefined,
    private readonly signIn: SignInOptions | false,
    private readonly hasLink: boolean,
  ) {}

  async isPossible(method: SignInMethod): Promise<boolean> {
    switch (method) {
      case "host":
        return this.bridge.connection === "connected" && this.bridge.capabilities.includes("sign-in");
      case "storage-access":
        return !!this.cookie && /^(granted|prompt)$/.test((await storageAccess()).state);
      case "popup":
        return this.signIn !== false;
      case "link":
        return this.hasLink;
    }
  }

  /** Begins at once, in the click. Resolves with whether there is a user. */
  async attempt(method: Exclude<SignInMethod, "link">, signal: AbortSignal): Promise<boolean> {
    switch (method) {
      case "host":
        return this.bridge.requestSignIn({ timeoutMs: HOST_PATIENCE });
      case "storage-access":
        return this.#byCookie(signal);
      case "popup":
        await this.bridge.signIn({ ...(this.signIn as SignInOptions), signal });
        return true;
    }
  }

  async #byCookie(signal: AbortSignal): Promise<boolean> {
    await requestStorageAccess();
    const grant = await this.cookie!({ signal });
    if (grant) await this.bridge.authorize(grant);
    return !!grant;
  }
}

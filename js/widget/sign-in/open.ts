/** The part of a popup sign-in that must happen in the click itself. Every page carries it; the rest comes when it is needed. */
import { AuthframeError } from "../../shared/error.js";
import { safeAddress as safe } from "../../shared/safe-address.js";
import type { Bridge, SignInOptions } from "../types.js";

export { safe };

/** A sign-in that is under way. */
export interface Pending {
  /** Null: the browser opened none. */
  readonly popup: Window | null;
  /** Takes what the popup says, once the rest of the code is there. */
  hear?: (event: MessageEvent) => void;
}

/** Opens what the user signs in with. */
export type Show = (features: string) => Pending;

// One in a page: there is one person in front of it.
let pending: Pending | undefined;

/** Has to hear the window before the core does, which would count what the popup says as forged. */
export const hear = (event: MessageEvent): void => pending?.hear?.(event);

/** Null where the browser opens none; Firefox throws in a sandbox without `allow-popups`. */
const openPopup: Show = (features) => {
  try {
    return { popup: open("", "", features) };
  } catch {
    return { popup: null };
  }
};

export async function signIn(bridge: Bridge, options: SignInOptions, show: Show = openPopup): Promise<void> {
  const { oauth, url, width = 480, height = 640 } = options;
  const address = safe(oauth ? oauth.authorizationEndpoint : url);
  // Empty at first: where it goes has yet to be made up, and whoever hears its answer has to be loaded. Only the window has to open now.
  const own = address && !pending && bridge.session.status !== "authorized" && (pending = show(`popup,width=${width},height=${height}`));
  try {
    const { proceed } = await import("./sign-in.js");
    await proceed(bridge, options, address, own, pending, safe, AuthframeError);
  } finally {
    if (own) {
      own.popup?.close();
      pending = undefined;
    }
  }
}

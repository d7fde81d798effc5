/** The part of a popup sign-in that must happen in the click itself. Every page carries it; the rest comes when it is needed. */
import { safeAddress } from "../../shared/address.js";
import type { Bridge, SignInOptions } from "../types.js";
import type { Pending } from "./pending.js";

export type { Pending } from "./pending.js";

/** Opens what the user signs in with. */
export type Show = (features: string) => Pending;

// One in a page: there is one person in front of it.
let pending: Pending | undefined;

/** Has to get the window's messages before the core does, which would count what the popup says as forged. */
export const receive = (event: MessageEvent): void => pending?.receive?.(event);

/** `null` where the browser opens none; Firefox throws in a sandbox without `allow-popups`. */
const openPopup: Show = (features) => {
  try {
    return { popup: open("", "", features) };
  } catch {
    return { popup: null };
  }
};

export async function signIn(bridge: Bridge, options: SignInOptions, show: Show = openPopup): Promise<void> {
  const { oauth, url, width = 480, height = 640 } = options;
  const address = safeAddress(oauth ? oauth.authorizationEndpoint : url);
  let own: Pending | undefined;
  if (address && !pending && bridge.session.status !== "authorized") {
    // Empty at first: where it goes has yet to be made up, and what receives its answer has to be loaded. Only the window has to open now.
    own = show(`popup,width=${width},height=${height}`);
    pending = own;
  }
  try {
    const { proceed } = await import("./sign-in.js");
    await proceed(bridge, options, address, own, pending);
  } finally {
    if (own) {
      own.popup?.close();
      pending = undefined;
    }
  }
}

/**
 * authframe/storage-access: the cookies that this site has where it is not embedded, for a frame below another site. By itself it changes nothing of the session: localStorage, and so
 * what tabs share, stays as it is. As an experiment the session can be moved to where the site has it when it is not embedded.
 *
 * @example
 * import { requestStorageAccess, storageAccess } from "authframe/storage-access";
 * button.hidden = (await storageAccess()).state !== "prompt";
 * button.onclick = () => requestStorageAccess().then(signInByCookie, error => show(TEXTS[error.code]));
 */

import { AuthframeError, type Responsible } from "../shared/error.js";
import type { StorageAccessCode } from "../shared/error-codes.js";
import type { UnpartitionedStorage } from "../widget/index.js";
import { allowed, supported } from "./state.js";
import type { Handle } from "./unpartitioned.js";

export type { StorageAccessCode } from "../shared/error-codes.js";
export { AuthframeError } from "../widget/index.js";
export { type StorageAccess, storageAccess } from "./state.js";

const TEXTS: Readonly<Record<StorageAccessCode, readonly [Responsible, string]>> = {
  STORAGE_ACCESS_DENIED: ["user", "the user, or the browser for them, said no: go on with a sign-in window or a link that opens this site"],
  STORAGE_ACCESS_NO_GESTURE: ["app", "call it in the click itself, before anything is awaited"],
  STORAGE_ACCESS_POLICY: ["host", "the host page forbids it: its Permissions-Policy, or allow of the frame, leaves out storage-access"],
  STORAGE_ACCESS_SANDBOXED: ["host", "the frame's sandbox lacks allow-storage-access-by-user-activation, or allow-same-origin"],
  STORAGE_ACCESS_UNSUPPORTED: ["user", "this browser cannot be asked, or the page is not on https"],
};

const failure = (code: StorageAccessCode, cause?: unknown) => new AuthframeError(code, TEXTS[code][1], TEXTS[code][0], cause);

/**
 * Asks the browser, and through it the user. **Call it in the click itself.** Resolves when requests of this frame carry the cookies that the site has where it is not embedded.
 *
 * Rejects with `STORAGE_ACCESS_UNSUPPORTED`, `STORAGE_ACCESS_SANDBOXED`, `STORAGE_ACCESS_POLICY`, `STORAGE_ACCESS_NO_GESTURE` or `STORAGE_ACCESS_DENIED`. There is always another way then: a
 * sign-in window, the host, or a link.
 */
export function requestStorageAccess(options?: { readonly unpartitionedStorage?: false }): Promise<void>;
/**
 * **Experimental**: the same for this site's storage instead of its cookies (the handle form of the API, Chromium 125 and later; elsewhere `STORAGE_ACCESS_UNSUPPORTED`, and no user is asked).
 * What it resolves with goes to `connect({ unpartitionedStorage })`: that bridge's session, kept credentials, locks and `bridge.storage` are those that pages of this site have on top and below
 * every other host where access was granted. What the bridge before had in the host site's part is moved over, once: see `docs/storage-access.md`. Where it was granted before, no click is needed.
 */
export function requestStorageAccess(options: { readonly unpartitionedStorage: true }): Promise<UnpartitionedStorage>;
export async function requestStorageAccess({
  unpartitionedStorage = false,
}: {
  readonly unpartitionedStorage?: boolean;
} = {}): Promise<UnpartitionedStorage | void> {
  // Chromium hides the handle's interface; this method came in the same version.
  if (!supported() || (unpartitionedStorage && !("hasUnpartitionedCookieAccess" in document))) throw failure("STORAGE_ACCESS_UNSUPPORTED");
  if (window.origin === "null") throw failure("STORAGE_ACCESS_SANDBOXED");
  if (!allowed()) throw failure("STORAGE_ACCESS_POLICY");
  const clicked = active();
  let handle: Handle;
  try {
    if (!unpartitionedStorage) return await document.requestStorageAccess();
    handle = await (document as Asking).requestStorageAccess({ localStorage: true, indexedDB: true, locks: true });
  } catch (cause) {
    if (clicked === false) throw failure("STORAGE_ACCESS_NO_GESTURE", cause);
    // A user who says no uses the click up; a sandbox refuses before the user is asked. So it is in Chromium.
    throw failure(active() === true ? "STORAGE_ACCESS_SANDBOXED" : "STORAGE_ACCESS_DENIED", cause);
  }
  if (!(handle as Handle | undefined)?.localStorage) throw failure("STORAGE_ACCESS_UNSUPPORTED");
  const { unpartitioned } = await import("./unpartitioned.js");
  return unpartitioned(handle);
}

/** TypeScript does not know the argument yet: privacycg.github.io/saa-non-cookie-storage. */
type Asking = Document & { requestStorageAccess(types: object): Promise<Handle> };

/** Whether the user has just done something; `undefined` where the browser does not say. */
const active = (): boolean | undefined => (navigator as { userActivation?: UserActivation }).userActivation?.isActive;

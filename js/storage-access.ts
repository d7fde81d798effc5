/**
 * authframe/storage-access: the cookies that this site has where it is not embedded, for a frame below another site. By itself it changes nothing of the session: localStorage, and so
 * what tabs share, stays as it is.
 *
 * @example
 * import { requestStorageAccess, storageAccess } from "authframe/storage-access";
 * button.hidden = (await storageAccess()).state !== "prompt";
 * button.onclick = () => requestStorageAccess().then(signInByCookie, error => show(TEXTS[error.code]));
 */
import { AuthframeError, type Fault } from "./index.js";

export { AuthframeError } from "./index.js";

export type StorageAccessCode = "STORAGE_ACCESS_DENIED" | "STORAGE_ACCESS_NO_GESTURE" | "STORAGE_ACCESS_POLICY" | "STORAGE_ACCESS_SANDBOXED" | "STORAGE_ACCESS_UNSUPPORTED";

export interface StorageAccess {
  /**
   * - `granted`: requests of this frame carry the site's own cookies
   * - `prompt`: they may, after {@link requestStorageAccess} in a click
   * - `denied`: the user has said no, to this host site
   * - `policy`, `sandboxed`: the host page does not allow it to be asked for
   * - `unsupported`: this browser cannot be asked
   */
  readonly state: "granted" | "prompt" | "denied" | "policy" | "sandboxed" | "unsupported";
  /** What says so: the browser's answer (`has`), its permission, the host's Permissions-Policy, an origin that is `null`, or that there is nothing to ask. */
  readonly evidence: "has" | "permission" | "permissions-policy" | "opaque-origin" | "no-api";
}

const TEXTS: Readonly<Record<StorageAccessCode, readonly [Fault, string]>> = {
  STORAGE_ACCESS_DENIED: ["user", "the user, or the browser for him, said no: go on with a sign-in window or a link that opens this site"],
  STORAGE_ACCESS_NO_GESTURE: ["app", "call it in the click itself, before anything is awaited"],
  STORAGE_ACCESS_POLICY: ["host", "the host page forbids it: its Permissions-Policy, or allow of the frame, leaves out storage-access"],
  STORAGE_ACCESS_SANDBOXED: ["host", "the frame's sandbox lacks allow-storage-access-by-user-activation, or allow-same-origin"],
  STORAGE_ACCESS_UNSUPPORTED: ["user", "this browser cannot be asked, or the page is not on https"],
};

const failure = (code: StorageAccessCode, cause?: unknown) => new AuthframeError(code, TEXTS[code][1], TEXTS[code][0], cause);

/** Says what {@link requestStorageAccess} would come to. Asks nobody, and needs no click. A sandbox shows only when it is asked for. */
export async function storageAccess(): Promise<StorageAccess> {
  if (!supported()) return { state: "unsupported", evidence: "no-api" };
  if (window.origin === "null") return { state: "sandboxed", evidence: "opaque-origin" };
  if (await document.hasStorageAccess().catch(() => false)) return { state: "granted", evidence: "has" };
  if (!allowed()) return { state: "policy", evidence: "permissions-policy" };
  const permission = await permitted();
  // What was granted once is given without a word; it has to be asked for all the same.
  return { state: permission === "denied" ? "denied" : "prompt", evidence: "permission" };
}

/**
 * Asks the browser, and through it the user. **Call it in the click itself.** Resolves when requests of this frame carry the cookies that the site has where it is not embedded.
 *
 * Rejects with `STORAGE_ACCESS_UNSUPPORTED`, `STORAGE_ACCESS_SANDBOXED`, `STORAGE_ACCESS_POLICY`, `STORAGE_ACCESS_NO_GESTURE` or `STORAGE_ACCESS_DENIED`. There is always another way then: a
 * sign-in window, the host, or a link.
 */
export async function requestStorageAccess(): Promise<void> {
  if (!supported()) throw failure("STORAGE_ACCESS_UNSUPPORTED");
  if (window.origin === "null") throw failure("STORAGE_ACCESS_SANDBOXED");
  if (!allowed()) throw failure("STORAGE_ACCESS_POLICY");
  const clicked = active();
  try {
    await document.requestStorageAccess();
  } catch (cause) {
    if (clicked === false) throw failure("STORAGE_ACCESS_NO_GESTURE", cause);
    // Whoever says no uses the click up; a sandbox refuses before anybody is asked. So it is in Chromium.
    throw failure(active() === true ? "STORAGE_ACCESS_SANDBOXED" : "STORAGE_ACCESS_DENIED", cause);
  }
}

const supported = () => typeof (document as Partial<Document>).requestStorageAccess === "function" && isSecureContext;

/** Whether the user has just done something; `undefined` where the browser does not say. */
const active = (): boolean | undefined => (navigator as { userActivation?: UserActivation }).userActivation?.isActive;

/** Whether the host page lets it be asked for, as far as the browser says so. */
function allowed(): boolean {
  const policy = (document as { featurePolicy?: { features(): string[]; allowsFeature(name: string): boolean } }).featurePolicy;
  return !policy || !policy.features().includes("storage-access") || policy.allowsFeature("storage-access");
}

async function permitted(): Promise<PermissionState | null> {
  try {
    return (await navigator.permissions.query({ name: "storage-access" as PermissionName })).state;
  } catch {
    // Not every browser knows the name.
    return null;
  }
}

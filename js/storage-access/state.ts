/** What the browser says of storage access before it is asked for. It is in several entries, and part of what `diagnose()` loads. */
export interface StorageAccess {
  /**
   * - `granted`: requests of this frame carry the site's own cookies
   * - `prompt`: they may, after `requestStorageAccess` in a click
   * - `denied`: the user has said no, to this host site
   * - `policy`, `sandboxed`: the host page does not allow it to be asked for
   * - `unsupported`: this browser cannot be asked
   */
  readonly state: "granted" | "prompt" | "denied" | "policy" | "sandboxed" | "unsupported";
  /** What says so: the browser's answer (`has`), its permission, the host's Permissions-Policy, an origin that is `null`, or that there is nothing to ask. */
  readonly evidence: "has" | "permission" | "permissions-policy" | "opaque-origin" | "no-api";
}

/** Says what `requestStorageAccess` would come to. Asks no user, and needs no click. A sandbox shows only when it is asked for. */
export async function storageAccess(): Promise<StorageAccess> {
  if (!supported()) return { state: "unsupported", evidence: "no-api" };
  if (window.origin === "null") return { state: "sandboxed", evidence: "opaque-origin" };
  if (await document.hasStorageAccess().catch(() => false)) return { state: "granted", evidence: "has" };
  if (!allowed()) return { state: "policy", evidence: "permissions-policy" };
  const permission = await permitted();
  // What was granted once is given without a word; it has to be asked for all the same.
  return { state: permission === "denied" ? "denied" : "prompt", evidence: "permission" };
}

export const supported = () => typeof (document as Partial<Document>).requestStorageAccess === "function" && isSecureContext;

/** Whether the host page lets it be asked for, as far as the browser says so. */
export function allowed(): boolean {
  const policy = (document as { featurePolicy?: { features(): string[]; allowsFeature(name: string): boolean } }).featurePolicy;
  return !policy?.features().includes("storage-access") || policy.allowsFeature("storage-access");
}

async function permitted(): Promise<PermissionState | null> {
  try {
    return (await navigator.permissions.query({ name: "storage-access" as PermissionName })).state;
  } catch {
    // Not every browser knows the name.
    return null;
  }
}

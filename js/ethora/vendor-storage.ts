/**
 * What the vendor's chat component has left in the storage of an origin: its tokens and the XMPP password in clear, and a cache of messages. Only keys that are named here are removed.
 */
import { isObject } from "../shared/input-check.js";
import { shown } from "../shared/shown.js";
import { configInvalid } from "./config-error.js";

/** Nothing but that component has keys of these names. */
const ITS_OWN = [
  "@ethora/chat-component-user-session",
  "@ethora/chat-component-user",
  "@ethora/chat-component-user-payload-version",
  "@ethora/chat-component-cache-scope",
  "@ethora/chat-component-qrChatId",
  "persist:chatSettingStore",
];
/** Another program might have these: they are removed where one of the above is found. */
const ITS_CACHE = ["persist:roomMessages", "persist:roomHeapSlice"];
/** What redux-persist calls the store of any program: removed if what is in it is that component's. */
const ROOT = "persist:root";

export function removeVendorStorage(): void {
  for (const area of ["localStorage", "sessionStorage"] as const) {
    try {
      removeFrom(window[area]);
    } catch {
      // Denied: then nothing of it is within reach.
    }
  }
}

function removeFrom(area: Storage): void {
  const isThere = (key: string) => area.getItem(key) !== null;
  const wasHere = ITS_OWN.some(isThere);
  if (isVendorRoot(area.getItem(ROOT))) area.removeItem(ROOT);
  for (const key of wasHere ? [...ITS_OWN, ...ITS_CACHE] : []) area.removeItem(key);
}

function isVendorRoot(text: string | null): boolean {
  try {
    const said: unknown = JSON.parse(text ?? "null");
    return isObject(said) && Object.hasOwn(said, "chatSettingStore");
  } catch {
    return false;
  }
}

/** @throws AuthframeError `CONFIG_INVALID` */
export function requireVendorStorage(given: unknown): void {
  if (given !== "remove" && given !== "keep") throw configInvalid(`vendorStorage is ${shown(given)}: give "remove" or "keep"`);
}

/** The vendor's settings.json: where a page gives its embed an address or the content. */
import { AuthframeError } from "../shared/error.js";
import { within } from "../shared/within.js";
import type { EdnaSettings } from "./settings.js";

/** A settings.json: what counts is its `webchat`, or all of it if it has none. */
export type EdnaSettingsFile = EdnaSettings & { readonly webchat?: EdnaSettings };

/** Rejects with `EDNA_SETTINGS`. */
export async function loadSettings(source: string | URL | EdnaSettingsFile): Promise<EdnaSettings> {
  try {
    const file = typeof source === "string" || source instanceof URL ? await within(FILE_WAIT, fetchJson(source)) : source;
    const part: unknown = (file as EdnaSettingsFile).webchat ?? file;
    if (typeof part !== "object" || Array.isArray(part)) throw new TypeError("no object");
    return part as EdnaSettings;
  } catch (cause) {
    throw new AuthframeError("EDNA_SETTINGS", "settings: give the object, or an address that it can be read from", "app", cause);
  }
}

/** So long the file may take, in milliseconds. */
const FILE_WAIT = 30_000;

async function fetchJson(address: string | URL): Promise<unknown> {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

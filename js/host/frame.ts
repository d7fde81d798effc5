/** Checks the options of `embed` and makes the iframe, without inserting it. */
import { isDuration, unknownKey } from "../shared/input-check.js";
import { LONGEST_WAIT } from "../shared/limits.js";
import { baseAddress, createElement } from "../shared/own-document.js";
import { randomHex } from "../shared/random.js";
import { word } from "../shared/read.js";
import { failure } from "./errors.js";
import { OPTIONS } from "./option-names.js";
import { isExactOrigin } from "./origin.js";
import type { EmbedOptions } from "./types.js";

/**
 * The frame (the container itself, if that is adopted), the only origin to trust (`"null"` for an opaque widget), and the only nonce that an
 * opaque widget can use, else `""`.
 */
export type Prepared = readonly [frame: HTMLIFrameElement, origin: string, nonce: string];

/** Whether these can be used. If not, `advice.ts` says what is wrong. */
const fit = ({ container, channel, allowOpaqueOrigin, timeoutMs, onSignInRequest, signal }: EmbedOptions): boolean =>
  typeof container?.append === "function" &&
  word(channel ?? "") != null &&
  isDuration(timeoutMs ?? 1, LONGEST_WAIT) &&
  typeof (onSignInRequest ?? fit) === "function" &&
  (signal === undefined || typeof signal?.addEventListener === "function") &&
  // A widget without an origin is known by a nonce in its address, so its frame must be ours.
  !(allowOpaqueOrigin && container.localName === "iframe");

export const prepare = (options: EmbedOptions): Prepared => {
  if (!globalThis.document) throw failure("ENV_UNSUPPORTED");
  if (unknownKey(Object(options), OPTIONS) !== undefined || !fit(Object(options))) throw failure("CONFIG_INVALID");
  const { container, allowOpaqueOrigin } = options;
  const adopted = container.localName === "iframe";
  const frame = adopted ? (container as HTMLIFrameElement) : createElement("iframe");
  let src: URL;
  let origin: string;
  try {
    src = new URL(options.src || frame.src || "none:", baseAddress());
    origin = options.origin ?? src.origin;
    // Both: a javascript: address would run in this page, whatever its origin is said to be.
    if (![origin, src.origin].every(isExactOrigin)) throw origin;
  } catch (cause) {
    throw failure("CONFIG_ORIGIN_INVALID", "", cause);
  }

  let nonce = "";
  if (allowOpaqueOrigin) {
    nonce = randomHex(16);
    src.hash = `authframe=${nonce}`;
    origin = "null";
  }
  if (!adopted) {
    frame.title = "Embedded widget";
    frame.referrerPolicy = "origin";
    for (const name of ["id", "title", "allow", "sandbox"] as const) if (options[name] != null) frame.setAttribute(name, options[name]);
    frame.src = src.href;
  }
  if (!allowOpaqueOrigin && !/allow-same-origin/i.test(frame.getAttribute("sandbox") ?? "allow-same-origin"))
    throw failure("OPAQUE_ORIGIN");
  return [frame, origin, nonce];
};

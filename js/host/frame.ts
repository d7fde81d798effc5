/** Checks the options of `embed` and makes the iframe, without inserting it. */
import { failure } from "./errors.js";
import { isExactOrigin } from "./origin.js";
import { word } from "../read.js";
import type { EmbedOptions } from "./types.js";

/**
 * The frame (the container itself, if that is adopted), the only origin to trust (`"null"` for an opaque widget), and the only nonce that an
 * opaque widget can use, else `""`.
 */
export type Prepared = readonly [frame: HTMLIFrameElement, origin: string, nonce: string];

export const prepare = (options: EmbedOptions): Prepared => {
  const { container, channel = "", opaque } = options ?? {};
  const { document } = globalThis;
  if (!document) throw failure("ENV_UNSUPPORTED");
  const adopted = container?.localName === "iframe";
  // A widget without an origin is known by a nonce in its address, so its frame must be ours.
  if (!container?.append || word(channel) == null || (opaque && adopted)) throw failure("CONFIG_INVALID", "container, channel");

  const frame = adopted ? (container as HTMLIFrameElement) : document.createElement("iframe");
  let src: URL;
  let origin: string;
  try {
    src = new URL(options.src || frame.src || "none:", document.baseURI);
    origin = options.origin ?? src.origin;
    // Both: a javascript: address would run in this page, whatever its origin is said to be.
    if (![origin, src.origin].every(isExactOrigin)) throw origin;
  } catch (cause) {
    throw failure("CONFIG_ORIGIN_INVALID", "src, origin", cause);
  }

  let nonce = "";
  if (opaque) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) nonce += byte.toString(16).padStart(2, "0");
    src.hash = "authframe=" + nonce;
    origin = "null";
  }
  if (!adopted) {
    frame.title = "Embedded widget";
    frame.referrerPolicy = "origin";
    for (const name of ["id", "title", "allow", "sandbox"] as const) if (options[name] != null) frame.setAttribute(name, options[name]);
    frame.src = src.href;
  }
  if (!opaque && !/allow-same-origin/i.test(frame.getAttribute("sandbox") ?? "allow-same-origin")) throw failure("OPAQUE_ORIGIN", "sandbox");
  return [frame, origin, nonce];
};

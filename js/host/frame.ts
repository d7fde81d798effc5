/** Checks the options of `embed` and makes the iframe, without inserting it. */
import { durationProblem, shown } from "../duration.js";
import { unknownKey } from "../grant.js";
import { failure } from "./errors.js";
import { isExactOrigin } from "./origin.js";
import { word } from "../read.js";
import type { EmbedOptions } from "./types.js";

/**
 * The frame (the container itself, if that is adopted), the only origin to trust (`"null"` for an opaque widget), and the only nonce that an
 * opaque widget can use, else `""`.
 */
export type Prepared = readonly [frame: HTMLIFrameElement, origin: string, nonce: string];

const OPTIONS: Readonly<Record<keyof EmbedOptions, true>> = {
  container: true, src: true, origin: true, id: true, title: true, allow: true, sandbox: true, identity: true, onSignInRequest: true, timeoutMs: true, signal: true, channel: true, opaque: true,
};
const LONGEST_WAIT = 600_000;

/** Elements that a page names `baseURI` or `createElement` hide the members of the document: those of the prototype are asked. */
const createFrame = (): HTMLIFrameElement => Document.prototype.createElement.call(document, "iframe") as HTMLIFrameElement;
const baseAddress = (): string => {
  const base: unknown = document.baseURI;
  return typeof base === "string" ? base : location.href;
};

export const prepare = (options: EmbedOptions): Prepared => {
  const wrong = (detail: string) => failure("CONFIG_INVALID", detail);
  if (!globalThis.document) throw failure("ENV_UNSUPPORTED");
  if (typeof options !== "object" || options === null) throw wrong(`the options are ${shown(options)}: give an object with container and src`);
  const stranger = unknownKey(options, Object.keys(OPTIONS));
  if (stranger !== undefined) throw wrong(`embed has no option ${shown(stranger)}: it has ${Object.keys(OPTIONS).join(", ")}`);
  const { container, channel = "", opaque, timeoutMs, onSignInRequest } = options;
  const problem = timeoutMs === undefined ? undefined : durationProblem("timeoutMs", timeoutMs, LONGEST_WAIT);
  if (problem) throw wrong(problem);
  const adopted = container?.localName === "iframe";
  if (typeof container?.append !== "function") throw wrong(`container is ${shown(container)}: give an element, or an iframe that is there already`);
  if (word(channel) == null) throw wrong(`channel is ${shown(channel)}: give a text of at most 64 characters`);
  if (onSignInRequest !== undefined && typeof onSignInRequest !== "function") throw wrong(`onSignInRequest is ${shown(onSignInRequest)}: give a function`);
  // A widget without an origin is known by a nonce in its address, so its frame must be ours.
  if (opaque && adopted) throw wrong("opaque needs a frame of our own: give a container that is no iframe");

  const frame = adopted ? (container as HTMLIFrameElement) : createFrame();
  const address = options.src || frame.src;
  let src: URL;
  let origin: string;
  try {
    src = new URL(address || "none:", baseAddress());
    origin = options.origin ?? src.origin;
    // Both: a javascript: address would run in this page, whatever its origin is said to be.
    if (![origin, src.origin].every(isExactOrigin)) throw origin;
  } catch (cause) {
    throw failure("CONFIG_ORIGIN_INVALID", `src is ${shown(address && String(address))}, origin ${shown(options.origin)}`, cause);
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
  if (!opaque && !/allow-same-origin/i.test(frame.getAttribute("sandbox") ?? "allow-same-origin")) throw failure("OPAQUE_ORIGIN", `sandbox is ${shown(frame.getAttribute("sandbox"))}`);
  return [frame, origin, nonce];
};

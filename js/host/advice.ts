/** What is wrong and what to do, in words: a file of its own (dist/host/advice.js), which the host half loads only when something is wrong. It has no class that a caller could test for, so it gives words only. */
import { durationProblem } from "../shared/duration-problem.js";
import type { ErrorCode } from "../shared/error.js";
import { grantProblem } from "../shared/grant-problem.js";
import { unknownKey } from "../shared/input-check.js";
import { LONGEST_WAIT } from "../shared/limits.js";
import { word } from "../shared/read.js";
import { shown } from "../shared/shown.js";
import type { HandshakeLog } from "./handshake-log.js";
import { OPTIONS } from "./option-names.js";
import type { EmbedOptions } from "./types.js";

const WHAT_TO_DO: Partial<Record<ErrorCode, string>> = {
  ENV_UNSUPPORTED: "there is no document here: call it in a page",
  FRAME_IN_USE: "this iframe is embedded already, perhaps by another copy of authframe/host: close that widget first",
  OPAQUE_ORIGIN: "the widget has no origin to trust: add allow-same-origin to the sandbox, or set allowOpaqueOrigin on both sides",
  VERSION_MISMATCH: "widget and host have no version of the protocol in common: update the older of authframe and authframe/host",
};

/** What an error of `embed` means here, and what to do. */
export const adviceFor = (code: ErrorCode, options: EmbedOptions, log: HandshakeLog | undefined): string | undefined => {
  if (code === "CONFIG_INVALID") return optionProblem(options);
  if (code === "CONFIG_ORIGIN_INVALID")
    return `src is ${shown(options.src && String(options.src))} and origin ${shown(options.origin)}: src is an address of https or http, origin an exact origin such as "https://chat.example"`;
  if (code === "HANDSHAKE_TIMEOUT") return log && timeout(log, options);
  return WHAT_TO_DO[code];
};

const optionProblem = (options: unknown): string | undefined => {
  if (typeof options !== "object" || options === null) return `the options are ${shown(options)}: give an object with container and src`;
  const unexpected = unknownKey(options, OPTIONS);
  if (unexpected !== undefined) return `embed has no option ${shown(unexpected)}: it has ${OPTIONS.join(", ")}`;
  const { container, channel, allowOpaqueOrigin, timeoutMs, onSignInRequest, signal } = options as EmbedOptions;
  if (typeof container?.append !== "function")
    return `container is ${shown(container)}: give an element, or an iframe that is there already`;
  if (channel !== undefined && word(channel) == null) return `channel is ${shown(channel)}: give a text of at most 64 characters`;
  if (onSignInRequest !== undefined && typeof onSignInRequest !== "function")
    return `onSignInRequest is ${shown(onSignInRequest)}: give a function`;
  if (signal !== undefined && typeof signal?.addEventListener !== "function")
    return `signal is ${shown(signal)}: give the signal of an AbortController`;
  if (allowOpaqueOrigin && container.localName === "iframe")
    return "allowOpaqueOrigin needs a frame of our own: give a container that is no iframe";
  return durationProblem("timeoutMs", timeoutMs, LONGEST_WAIT);
};

const timeout = (log: HandshakeLog, { container }: EmbedOptions): string => `after ${log.timeoutMs} ms ${lastSeen(log, container)}`;

/** How far the handshake came, and where to look. */
const lastSeen = ({ loaded, foreignOrigin, channel, hello, origin, expected }: HandshakeLog, container: Element): string => {
  if (foreignOrigin !== undefined)
    return `the widget said hello from ${foreignOrigin}, and only ${origin} is trusted: give the origin that it has after redirects`;
  if (channel !== undefined)
    return `the widget said hello on the channel ${shown(channel)}, and this side waits on ${shown(expected)}: give both the same`;
  if (hello) return "the widget said hello and did not go on: look at the errors in its frame";
  if (loaded)
    return `the frame has loaded and said no hello: is this page's origin (${location.origin}) in the widget's hosts, does the widget call connect() with the same channel, does its policy let the wasm load, and is there a page at its address at all?`;
  if (container.localName === "iframe")
    return `no hello came. The iframe was there before, so it is not known whether it has loaded: look at its address, at the widget's hosts (this page is ${location.origin}), that it calls connect(), and that the channel is the same`;
  return "the frame has loaded nothing: look at src, the network, and frame-src in this page's Content-Security-Policy";
};

export { outcome } from "../shared/request-outcome.js";
export { durationProblem, grantProblem };

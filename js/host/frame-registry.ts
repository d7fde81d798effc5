/**
 * One iframe has one owner on each channel, also where the page has two copies of this library: the registry stands on the window, under a symbol that all copies share.
 */
import { failure } from "./errors.js";

const REGISTRY = Symbol.for("authframe.frames");

type Registry = Map<HTMLIFrameElement, Set<string>>;

const registry = (): Registry => {
  const shared = globalThis as unknown as Record<symbol, unknown>;
  if (!(shared[REGISTRY] instanceof Map)) shared[REGISTRY] = new Map();
  return shared[REGISTRY] as Registry;
};

/** Takes an iframe; what it returns gives it back. @throws AuthframeError `FRAME_IN_USE` */
export const claimFrame = (frame: HTMLIFrameElement, channel: string): (() => void) => {
  const frames = registry();
  const channels = frames.get(frame) ?? new Set();
  if (channels.has(channel)) throw failure("FRAME_IN_USE");
  frames.set(frame, channels.add(channel));
  return () => {
    channels.delete(channel);
    if (!channels.size) frames.delete(frame);
  };
};

/** Whether a window is that of a widget of this page, whichever copy of the library has embedded it. */
export const isWidgetWindow = (source: unknown): boolean =>
  !!source && [...registry().keys()].some((frame) => frame.contentWindow === source);

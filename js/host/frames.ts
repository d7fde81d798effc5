/** One iframe has one owner, also where the page has two copies of this library: the registry stands on the window, under a symbol that all copies share. */
import { failure } from "./errors.js";

const REGISTRY = Symbol.for("authframe.frames");

const registry = (): Set<HTMLIFrameElement> => {
  const shared = globalThis as unknown as Record<symbol, unknown>;
  const found = shared[REGISTRY];
  if (found instanceof Set) return found as Set<HTMLIFrameElement>;
  const made = new Set<HTMLIFrameElement>();
  shared[REGISTRY] = made;
  return made;
};

/** Takes an iframe until the widget is closed. @throws AuthframeError `FRAME_IN_USE` */
export const own = (frame: HTMLIFrameElement): (() => void) => {
  const frames = registry();
  if (frames.has(frame)) throw failure("FRAME_IN_USE");
  frames.add(frame);
  return () => void frames.delete(frame);
};

/** Whether a window is that of a widget of this page, whichever copy of the library has embedded it. */
export const isOwned = (source: unknown): boolean => !!source && [...registry()].some((frame) => frame.contentWindow === source);

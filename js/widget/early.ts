import { listening } from "../shared/listening.js";

/** Keeps what the parent says while the wasm is loading. It judges nothing: the core does, afterwards. */
export interface Early {
  /** Stops listening and gives what came. */
  stop(): readonly MessageEvent[];
}

const MOST = 32;

export function listenEarly(): Early {
  const events: MessageEvent[] = [];
  const keep = listening<MessageEvent>((event) => {
    if (event.source === parent && parent !== window && events.length < MOST) events.push(event);
  });
  addEventListener("message", keep);
  return {
    stop() {
      removeEventListener("message", keep);
      return events;
    },
  };
}

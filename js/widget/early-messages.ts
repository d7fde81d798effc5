/** Keeps what the parent window says while the wasm is loading. It judges nothing: the core does, afterwards. */
import { LONGEST_QUEUE } from "../shared/limits.js";
import { safeListener } from "../shared/safe-listener.js";

export interface EarlyMessages {
  /** Stops collecting, and gives what came. */
  stop(): readonly MessageEvent[];
}

export function collectEarlyMessages(): EarlyMessages {
  const events: MessageEvent[] = [];
  const keep = safeListener<MessageEvent>((event) => {
    if (event.source === parent && parent !== window && events.length < LONGEST_QUEUE) events.push(event);
  });
  addEventListener("message", keep);
  return {
    stop() {
      removeEventListener("message", keep);
      return events;
    },
  };
}

/** What an application listens to, of a bridge that may be there later. The same listener is added once for each event, as the vendor's library has it. */
import type { Bridge, Unsubscribe, XbeesHost } from "../../widget/index.js";

export class Subscriptions {
  /** By event and by what the application gave: what ends it. */
  readonly #ends = new Map<string, Map<unknown, Unsubscribe>>();

  constructor(private readonly bridge: Promise<Bridge>) {}

  /**
   * Calls `begin` once there is a host.
   * @param listener what the application gave, by which it is taken off again
   */
  add(type: string, listener: unknown, begin: (host: XbeesHost) => Unsubscribe): Unsubscribe {
    const all = this.#ends.get(type) ?? new Map<unknown, Unsubscribe>();
    this.#ends.set(type, all);
    const known = all.get(listener);
    if (known) return known;
    let hasEnded = false;
    let stop: Unsubscribe | undefined;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      all.delete(listener);
      stop?.();
    };
    all.set(listener, end);
    this.bridge.then(
      (bridge) => {
        if (!hasEnded && bridge.xbees) stop = begin(bridge.xbees);
      },
      () => {},
    );
    return end;
  }

  remove(type: string, listener: unknown): void {
    this.#ends.get(type)?.get(listener)?.();
  }

  /** Takes a listener off every event. */
  removeAll(listener: unknown): void {
    for (const all of this.#ends.values()) all.get(listener)?.();
  }
}

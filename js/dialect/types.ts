/** The dialects of other systems in the public types, a line each. What runs of them is in `registry.ts`. */
import type { RingCentralHost, RingCentralOptions } from "./ringcentral/types.js";
import type { XbeesApp, XbeesHost, XbeesOptions } from "./xbees/types.js";

export type * from "./ringcentral/types.js";
export type * from "./xbees/types.js";

/** Options of `connect`. */
export interface DialectOptions {
  /** For hosts that speak `xbees`. */
  readonly xbees?: XbeesOptions;
  /** For hosts that speak `ringcentral`. */
  readonly ringcentral?: RingCentralOptions;
}

/** What a bridge has of its host, if that speaks such a dialect. */
export interface DialectHosts {
  /** The host, if it is x-bees. */
  readonly xbees?: XbeesHost;
  /** The host, if it was written for RingCentral Embeddable. */
  readonly ringcentral?: RingCentralHost;
}

/** Hosts that are no origin. */
export type DialectHostEntry = XbeesApp;

/** What the dialects of other systems add to a bridge. Part of core-all.js: a widget with native hosts alone does not load it. */

import { unknownKey } from "../shared/input-check.js";
import { Call } from "../widget/core/call.js";
import type { ConnectOptions, HostEntry } from "../widget/types.js";
import type { Below, Foreign } from "./contract.js";
import { conversation as ringcentral } from "./ringcentral/conversation.js";
import { conversation as xbees } from "./xbees/conversation.js";

/** By the core's numbers: `src/session/dialect.rs`. */
const DIALECTS = ["native", "xbees", "ringcentral"] as const satisfies readonly Exclude<HostEntry, string>["dialect"][];

/** What an entry for the web view of an app adds to the dialect's number: `src/bindings/mod.rs`. */
const WEBVIEW = 256;

/** The options of each, beside `hosts`. */
const OPTIONS = {
  xbees: ["manualReady", "signIn", "platform", "readyTimeoutMs", "logoutType", "iframeId", "version"],
  ringcentral: ["login", "size", "minimized", "closed", "disableLoginPopup", "onLoginFailed", "readyTimeoutMs"],
} as const satisfies { readonly [K in "xbees" | "ringcentral"]: readonly (keyof NonNullable<ConnectOptions[K]>)[] };

export const foreign = {
  number: (dialect: (typeof DIALECTS)[number], host: HostEntry): number =>
    DIALECTS.indexOf(dialect) + ((host as { native?: unknown }).native === true ? WEBVIEW : 0),
  /** Begins to speak what the host speaks; `null` for our own protocol. */
  attach(number: number, options: ConnectOptions, below: Omit<Below, "invalid">): Foreign | undefined {
    for (const dialect of ["xbees", "ringcentral"] as const) {
      const stranger = unknownKey(options[dialect] ?? {}, OPTIONS[dialect]);
      if (stranger === undefined) continue;
      below.call(Call.Close, {});
      throw below.failed("CONFIG_INVALID", `${dialect} has no option ${JSON.stringify(stranger)}: it has ${OPTIONS[dialect].join(", ")}`);
    }
    const invalid = () => {
      below.call(Call.Close, {});
      return below.failed("CONFIG_INVALID");
    };
    return [undefined, xbees, ringcentral][number]?.(options, { ...below, invalid });
  },
};

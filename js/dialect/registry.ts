/** What the dialects of other systems add to a bridge. Part of core-all.js: a widget with native hosts alone does not load it. */

import { unknownKey } from "../shared/input-check.js";
import type { DialectCore } from "../widget/core/core.js";
import type { ConnectOptions, HostEntry } from "../widget/types.js";
import type { BridgeParts, Foreign } from "./contract.js";
import { conversation as ringcentral } from "./ringcentral/conversation.js";
import { conversation as xbees } from "./xbees/conversation.js";

/** The options of each, beside `hosts`. */
const OPTIONS = {
  xbees: ["manualReady", "signIn", "platform", "readyTimeoutMs", "logoutType", "iframeId", "version"],
  ringcentral: ["login", "size", "minimized", "closed", "disableLoginPopup", "onLoginFailed", "readyTimeoutMs"],
} as const satisfies { readonly [K in "xbees" | "ringcentral"]: readonly (keyof NonNullable<ConnectOptions[K]>)[] };

const CONVERSATIONS = { xbees, ringcentral };

export const foreign = {
  /** Lets a host embed the widget: at its origin, or as an app that shows it in its own web view. Throws the code of an error. */
  allow(core: DialectCore, host: Exclude<HostEntry, string>): void {
    const { origin, dialect, native } = host as { origin: string; dialect: string; native?: unknown };
    if (native === true) core.allowWebview(dialect);
    else core.allow(origin, dialect);
  },
  /** Begins to speak what the host speaks; `undefined` for our own protocol. */
  attach(options: ConnectOptions, { core, checked, failed, onConnection, bridge }: BridgeParts): Foreign | undefined {
    const invalid = (where?: string) => {
      checked(() => core.close());
      return failed("CONFIG_INVALID", where);
    };
    for (const dialect of ["xbees", "ringcentral"] as const) {
      const stranger = unknownKey(options[dialect] ?? {}, OPTIONS[dialect]);
      if (stranger !== undefined)
        throw invalid(`${dialect} has no option ${JSON.stringify(stranger)}: it has ${OPTIONS[dialect].join(", ")}`);
    }
    const spoken = checked(() => core.dialect());
    if (spoken === "native") return undefined;
    return CONVERSATIONS[spoken as keyof typeof CONVERSATIONS](options, {
      failed,
      invalid,
      onConnection,
      bridge,
      facts: () => checked(() => core.facts()),
      notifyCore: (message) => checked(() => core.notifyDialect(message)),
      postWithPort: (message) => checked(() => core.postWithPort(message)),
    });
  },
};

/** What the dialects of other systems add to a bridge, a line each. Part of core-all.js: a widget with native hosts alone does not load it. */

import { unknownKey } from "../shared/input-check.js";
import { snapshot } from "../shared/snapshot.js";
import type { DialectCore } from "../widget/core/core.js";
import type { ConnectOptions, HostEntry } from "../widget/types.js";
import type { Below, BridgeParts, DialectEntry, Foreign } from "./contract.js";
import { ringcentral } from "./ringcentral/index.js";
import type { DialectOptions } from "./types.js";
import { xbees } from "./xbees/index.js";

type Name = keyof DialectOptions;

const DIALECTS: { readonly [name in Name]-?: DialectEntry } = { xbees, ringcentral };

export const foreign = {
  /** Lets a host embed the widget: at its origin, or as an app that shows it in its own web view. Throws the code of an error. */
  allow(core: DialectCore, host: Exclude<HostEntry, string>): void {
    const { origin, dialect, native } = host as { origin: string; dialect: string; native?: unknown };
    if (native === true) core.allowWebview(dialect);
    else core.allow(origin, dialect);
  },
  /** Begins to speak what the host speaks; `undefined` for our own protocol. Where it throws, the caller ends the bridge. */
  attach(options: ConnectOptions, parts: BridgeParts): Foreign | undefined {
    const below = makeBelow(parts);
    // As they are now: what is checked is what is used.
    const own: Partial<Record<Name, object>> = {};
    for (const [name, { options: known }] of Object.entries(DIALECTS)) {
      const given = snapshot(options[name as Name] ?? {}, known);
      const unexpected = unknownKey(given, known);
      if (unexpected !== undefined) throw below.invalid(`${name} has no option ${JSON.stringify(unexpected)}: it has ${known.join(", ")}`);
      own[name as Name] = given;
    }
    const spoken = parts.checked(() => parts.core.dialect());
    if (spoken === "native") return undefined;
    const dialect: DialectEntry | undefined = DIALECTS[spoken as Name];
    if (!dialect) throw below.invalid(`the wasm speaks ${JSON.stringify(spoken)} and its script does not: they are of two versions`);
    return dialect.start({ ...options, ...own }, below);
  },
};

const makeBelow = ({ core, checked, failed, onConnection, signIn, bridge }: BridgeParts): Below => ({
  failed,
  onConnection,
  signIn,
  bridge,
  facts: () => checked(() => core.facts()),
  notifyCore: (message) => checked(() => core.notifyDialect(message)),
  postWithPort: (message) => checked(() => core.postWithPort(message)),
  invalid: (where) => failed("CONFIG_INVALID", where),
});

/** x-bees in the public types. */
import type { Unsubscribe } from "../../shared/types.js";

/** The x-bees app, which shows the widget in a web view (`ReactNativeWebView`), in the place of an origin. Nothing says who listens there: no PBX token is taken from it. */
export interface XbeesApp {
  readonly native: true;
  readonly dialect: "xbees";
}

/** How the widget presents itself to x-bees: `docs/dialects/xbees.md`. */
export interface XbeesOptions {
  /** Does not say ready until `bridge.xbees.ready()` is called. Default `false`. */
  readonly manualReady?: boolean;
  /** Whether the widget knows sign-in. Without, it says neither that a user is signed in nor that none is. Default `true`. */
  readonly signIn?: boolean;
  /**
   * Who says the first status after ready. `"session"` (default): the bridge, and ready waits until it knows. `"application"`: the application by `sendStatus`, and ready does not
   * wait; if nothing is said within `readyTimeoutMs` of the host's answer to ready (10 s more if there is none), the bridge says what it knows.
   */
  readonly firstStatus?: "session" | "application";
  /** `"web"`: x-bees does not start the integration on mobile. */
  readonly platform?: "web";
  /** How long ready waits until it is known who is signed in (or the first status for the application: `firstStatus`), in milliseconds, 0 to 60,000. Default 3,000. */
  readonly readyTimeoutMs?: number;
  /** What the host posts to sign the user out. The vendor does not document it. Default `"xBeesLogout"`. */
  readonly logoutType?: string;
  /** Echoed in every message. Default: `iframeId` of the page's address, as it is when the bridge is made. */
  readonly iframeId?: string | null;
  /** What the host sees as the version of its library, and offers features by. Default `"1.1.3"`. Before `"1.0.10"`, ready has no payload, as then. */
  readonly version?: string;
}

/** x-bees, as an application below it sees it. */
export interface XbeesHost {
  /** From the address of the page, or `null`. */
  readonly iframeId: string | null;
  /** Says that the widget is there; who is signed in follows at once. Resolves with the host's answer. A second call gets the same promise, until that has failed: then it is said again. Another platform is `CONFIG_INVALID`. */
  ready(platform?: "web"): Promise<unknown>;
  /**
   * Asks the host, by a word of the wire. Resolves with the whole answer; rejects with the whole answer if it has an `errorMessage`, with
   * `{errorMessage: "timeout", type}` after 10 s, with `{errorMessage: "closed"}` when the bridge is closed, and with a `DataCloneError` if the payload cannot be copied.
   */
  request(type: string, ...payload: [] | [payload: unknown]): Promise<unknown>;
  /**
   * Notifies the host of who is signed in here, with a payload of your own; by itself the bridge does so without. It concerns this instance alone, and holds until the next call or until the user is signed out.
   * A repeat is not posted: it resolves with the answer to what was said before. A word that the host refuses because it came too fast is posted again after a second.
   */
  sendStatus(authorized: boolean, payload?: unknown): Promise<unknown>;
  /** The host has signed the user out, by whatever word (`logoutType`). By then the user is signed out in every tab. */
  onLogout(listener: () => unknown): Unsubscribe;
  /** Listens to an event of the host. Of `xBeesPbxToken` and `xBeesUseTheme` also the last one that came before. */
  on(type: string, listener: (payload: never) => unknown): Unsubscribe;
}

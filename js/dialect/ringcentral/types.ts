/** RingCentral Embeddable in the public types. */
import type { Handler, RequestOptions, Session, Unsubscribe } from "../../shared/types.js";

/** How the widget presents itself to a page that was written for RingCentral Embeddable: `docs/dialects/ringcentral.md`. */
export interface RingCentralOptions {
  /**
   * Says what the host learns of the user who has signed in. The host is notified of the sign-in once this is known, within `readyTimeoutMs`. Without it, it learns only that a user has.
   * Never put a token here. What it throws is reported, and so are an answer that is late and a field that no notice has; then the host learns no more than without it.
   */
  readonly login?: (session: Session) => RingCentralLogin | PromiseLike<RingCentralLogin>;
  /** The dot in the adapter's header, while a user is signed in: with every login notice the host receives `rc-adapter-syncPresence`, after a sign-out with nothing in it. Without it there is no dot. */
  readonly presence?: RingCentralPresence;
  /** The adapter's images. Without it, it keeps its own. */
  readonly brand?: RingCentralBrand;
  /** The words of the adapter's menu. Default English, as `en-US`. */
  readonly locale?: RingCentralLocale;
  /** How the adapter shows the widget before the user has moved, closed or minimized it. Default 300 × 500 CSS pixels, open; each side from 0 to 100,000. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly minimized?: boolean;
  readonly closed?: boolean;
  /**
   * Whether what `rc-adapter-update-authorization-status` says holds in every tab below the same host that has registered a service of the same name. Default `false`: each tab believes its own
   * page alone, as the vendor's widget does. With `true` the host's pages have to agree as well: one that keeps a flag of its own and turns it over at every press is wrong after another tab's.
   */
  readonly shareAuthorization?: boolean;
  /**
   * The host opens the sign-in window, not the widget: `rc-adapter-login` and your own `bridge.signIn()` post `rc-login-popup-notify`. Needs `signIn.oauth` and `signIn.exchange`.
   * The host then begins a sign-in without a click of the user, and brings the code that it ends with: allow it only for hosts that may do that.
   *
   * - `false` (default): never, whatever the address says.
   * - `true`: always.
   * - `"by-host"`: if the address of the frame, which the host writes, has a parameter `disableLoginPopup` that is not empty, as the vendor's widget has it.
   */
  readonly disableLoginPopup?: boolean | "by-host";
  /** Called with what a sign-in that the host has asked for has failed with: the codes of `bridge.signIn`. */
  readonly onLoginFailed?: (error: unknown) => void;
  /**
   * How long the first login notice waits until it is known who is signed in and what `login` says of them, in milliseconds, 0 to 60,000. Every later one waits as long for `login`.
   * Default 3,000. With 0 `login` has to answer without waiting for anything.
   */
  readonly readyTimeoutMs?: number;
}

/** Each a text of 1 to 64 characters, or `null`. */
export interface RingCentralPresence {
  /** `"NoCall"`, `"Ringing"`, `"CallConnected"`, `"OnHold"` … */
  readonly telephonyStatus?: string | null;
  /** `"Available"`, `"Busy"` or `"Offline"`. */
  readonly userStatus?: string | null;
  /** `"TakeAllCalls"`, `"DoNotAcceptAnyCalls"`, `"DoNotAcceptDepartmentCalls"` or `"TakeDepartmentCallsOnly"`. */
  readonly dndStatus?: string | null;
  /** Which entry of the menu is marked: one of `userStatus`, or `"DoNotAcceptAnyCalls"`. */
  readonly presenceOption?: string | null;
}

/** Addresses that begin with `https://` or `data:image/`. */
export interface RingCentralBrand {
  /** In the header. */
  readonly logoUri?: string;
  /** In the header of the adapter's docked form (`newAdapterUI`). */
  readonly iconUri?: string;
}

export interface RingCentralLocale {
  /** Default `"en-US"`. */
  readonly locale?: string;
  /** Those that are left out are English. */
  readonly strings?: {
    readonly availableBtn?: string;
    readonly busyBtn?: string;
    readonly doNotAcceptAnyCallsBtn?: string;
    readonly offlineBtn?: string;
    readonly currentCallBtn?: string;
    readonly viewCallsBtn?: string;
    /** The adapter puts the number of calls in the place of the first `0`, in this and the next two. */
    readonly ringCallsInfo?: string;
    readonly onHoldCallsInfo?: string;
    readonly otherDeviceCallsInfo?: string;
  };
}

/** What a host learns of the user who has signed in: fields of `rc-login-status-notify`. */
export interface RingCentralLogin {
  /** `"+16505550100*101"`: main company number, star, extension. */
  readonly loginNumber?: string;
  /** An ISO 3166 code. */
  readonly contractedCountryCode?: string;
  /** Default `false`. */
  readonly admin?: boolean;
  /** `sms`, `meeting`, `glip`, `smartNote`, `call`, `ringSenseInsights`: hosts expect all six. Default `{}`. */
  readonly features?: Readonly<Record<string, boolean>>;
}

/** The service that the host has registered, frozen: a new object for every change. It is the host's word, and proves nothing. */
export interface RingCentralService {
  /**
   * Every field as the host has registered it, also those that mean nothing here. What a later registration leaves out stays, but for those about authorization. Texts such as `name` and `info` are
   * texts, also if the host gave numbers; images and links are `https:` (images also `data:image/`, links also `http:`), others are left out.
   */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether it is authorized. Without a button it always is, until the host says otherwise. */
  readonly authorized: boolean;
  /** Whose account it is, 1 to 256 characters, also if the host gave a number; `null` while it is not authorized, or if the host does not say. */
  readonly account: string | null;
}

/** A page that was written for RingCentral Embeddable, as the widget sees it. `bridge.session` is the widget's own user; the service's authorization is independent of it. */
export interface RingCentralHost {
  /** What the host has registered, or `null`. After a reload it has to register again. */
  readonly service: RingCentralService | null;
  /** Called at once with the current service and after every registration and change. */
  subscribe(listener: (service: RingCentralService | null) => void): Unsubscribe;
  /**
   * The user has pressed the authorization button: call it in the click. Resolves with the host's answer, which changes nothing; the status changes when the host says so. While one press
   * waits, a second one is the same. Rejects with `REQUEST_TIMEOUT` after 3 s, `NO_HANDLER` without a button, `CLOSED`.
   */
  pressAuthorization(): Promise<unknown>;
  /**
   * Asks the host (`rc-post-message-request`). `path` is one that the service has registered, 1–2,048 characters. Default `timeoutMs` as the vendor's widget has it: 3,000, for
   * contacts, their search and matches, and for loggers up to 60,000. Also `bridge.request`.
   * Rejects with `NOT_AUTHORIZED` and posts nothing, if the path gives contacts, activities or matches of a service that is not authorized;
   * `REQUEST_TIMEOUT`, `DATA_NOT_CLONEABLE`, `CONFIG_INVALID`, `CLOSED`.
   */
  request(path: string, body?: unknown, options?: RequestOptions): Promise<unknown>;
  /**
   * Answers the host's `rc-adapter-message-request` of this path. The last handler counts. Without one, if it throws (which is reported) or takes more than a minute, the host is refused in the form
   * that it knows: `docs/dialects/ringcentral.md`. Also `bridge.handle`.
   * @throws AuthframeError `CONFIG_INVALID`
   */
  handle(path: string, handler: Handler): Unsubscribe;
  /** Listens to the host's messages of this type, whole, after what authframe itself makes of them; but for a logout, and a login while a user is signed in. */
  on(type: string, listener: (message: Readonly<Record<string, unknown>>) => unknown): Unsubscribe;
  /**
   * Posts to the host, such as `notify("rc-route-changed-notify", { path: "/settings" })`. What `rc-adapter-syncSize` and its like say is kept for the next visit.
   * @throws AuthframeError `DATA_NOT_CLONEABLE`, `CONFIG_INVALID`, `CLOSED`
   */
  notify(type: string, fields?: object): void;
}

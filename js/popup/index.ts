/**
 * The popup's half of a sign-in, for the page that the sign-in ends on: it hands the result to the widget that opened the popup, and closes. No wasm.
 *
 * @example
 * import { finish } from "authframe/popup";
 * const { outcome } = await finish({ openers: ["https://chat.example"] });
 * if (outcome !== "delivered") show("You can close this window and go back.");
 */
import { isSecure } from "../shared/address.js";
import { AuthframeError, type ErrorCode } from "../shared/error.js";
import { safeListener } from "../shared/safe-listener.js";

export { AuthframeError, type ErrorCode, type Responsible } from "../shared/error.js";

export interface PopupOptions {
  /** Who may receive the result: the exact origins of your widgets, 1 to 8 of them, https (or http on loopback). Nothing is posted to another origin. */
  readonly openers: readonly string[];
  /** The `state` that the popup was opened with. Default: the parameter `state` of this page's address. A sign-in of several pages has to carry it along. */
  readonly state?: string;
  /** How long the widget may take to confirm, in milliseconds. Default 10,000, at most 600,000. */
  readonly timeoutMs?: number;
}

export interface FinishOptions extends PopupOptions {
  /**
   * The result, in a sign-in of your own: what the widget's `exchange` gets as `data` (without `exchange`: the grant). Anything that survives `structuredClone`.
   * Without it the result is the OAuth response in this page's address.
   */
  readonly data?: unknown;
}

/** An OAuth response as it stood in the address; what is missing is `null`. */
export interface OAuthResponse {
  readonly code: string | null;
  readonly error: string | null;
  readonly iss: string | null;
  readonly state: string | null;
}

/**
 * - `delivered`: the widget has it; this window closes
 * - `no-opener`: this window has lost the one that opened it (COOP), or was opened by hand. Hand `response` to your server if the widget polls, and ask the user to go back
 * - `unacknowledged`: the opener did not confirm in time: it is another page than `openers` say, is gone, or waits no more. Nothing was posted to another origin
 * - `no-response`: the address holds none; the page was reloaded, say
 */
export interface Delivery {
  readonly outcome: "delivered" | "no-opener" | "unacknowledged" | "no-response";
  readonly response: OAuthResponse;
}

const PARAMETERS = ["code", "error", "iss", "state"] as const;
/** What else belongs to a response and leaves the address with it. */
const REST = ["error_description", "error_uri", "session_state", "scope", "authuser", "prompt"];
const REPEAT = 200;
const MOST_OPENERS = 8;

const fail = (code: ErrorCode, message: string) => new AuthframeError(code, message, "app");

/**
 * Hands the result to the widget: again and again until it confirms, then closes the window. The response leaves the address and the history before this returns.
 *
 * Rejects with `CONFIG_ORIGIN_REQUIRED`, `CONFIG_ORIGIN_INVALID` or `CONFIG_INVALID` only; whatever else happens is an outcome.
 */
export async function finish(options: FinishOptions): Promise<Delivery> {
  const response = takeResponse();
  const { data } = options;
  const nothing = response.code === null && response.error === null;
  return deliver(options, response, data !== undefined ? { data } : nothing ? null : response);
}

/** Notifies the widget that the user does not want to: `SIGN_IN_CANCELLED` there. For the "Cancel" button of a sign-in page; the address stays. */
export async function cancel(options: PopupOptions): Promise<Delivery> {
  return deliver(options, readResponse().response, { cancelled: true });
}

async function deliver(
  { openers, state, timeoutMs = 10_000 }: PopupOptions,
  response: OAuthResponse,
  content: object | null,
): Promise<Delivery> {
  const origins = checked(openers);
  if (!(timeoutMs >= 1 && timeoutMs <= 600_000)) throw fail("CONFIG_INVALID", "timeoutMs is 1 to 600000");
  if (!content) return { outcome: "no-response", response };
  const opener = window.opener as Window | null;
  if (!opener || opener.closed) return { outcome: "no-opener", response };
  const message = { ...content, type: "authframe:sign-in", state: state ?? response.state };

  return new Promise<Delivery>((resolve, reject) => {
    const stop = () => {
      clearInterval(again);
      clearTimeout(deadline);
      removeEventListener("message", receive);
    };
    const end = (outcome: Delivery["outcome"]) => {
      stop();
      resolve({ outcome, response });
    };
    const receive = safeListener<MessageEvent>(({ source, origin, data }) => {
      if (source !== opener || !origins.includes(origin) || data?.type !== "authframe:sign-in-taken" || data.state !== message.state)
        return;
      end("delivered");
      close();
    });
    // Who the opener is cannot be read across origins. The browser delivers only to the origin that is named, so each is named once a turn.
    const post = () => origins.forEach((origin) => opener.postMessage(message, origin));
    addEventListener("message", receive);
    // The widget may still be loading what listens.
    const again = setInterval(post, REPEAT);
    const deadline = setTimeout(() => end("unacknowledged"), timeoutMs);
    try {
      post();
    } catch {
      stop();
      reject(fail("CONFIG_INVALID", "data has to survive structuredClone"));
    }
  });
}

/** Reads the response, and takes it out of the address: the history, and what the page loads next, shall not have it. */
function takeResponse(): OAuthResponse {
  const { response, url, fragment } = readResponse();
  if (response.code !== null || response.error !== null) {
    if (fragment) url.hash = "";
    else for (const name of [...PARAMETERS, ...REST]) url.searchParams.delete(name);
    history.replaceState(history.state, "", url.href);
  }
  return response;
}

function readResponse() {
  const url = new URL(location.href);
  const inFragment = new URLSearchParams(url.hash.slice(1));
  const fragment = inFragment.has("code") || inFragment.has("error");
  const found = fragment ? inFragment : url.searchParams;
  const [code, error, iss, state] = PARAMETERS.map((name) => found.get(name)) as [
    string | null,
    string | null,
    string | null,
    string | null,
  ];
  return { response: { code, error, iss, state }, url, fragment };
}

function checked(openers: readonly string[]): string[] {
  if (!Array.isArray(openers) || openers.length === 0) throw fail("CONFIG_ORIGIN_REQUIRED", "name the origins of your widgets in openers");
  if (openers.length > MOST_OPENERS) throw fail("CONFIG_ORIGIN_INVALID", "openers holds at most 8 origins");
  for (const entry of openers) {
    if (!exact(entry)) throw fail("CONFIG_ORIGIN_INVALID", `${entry} is not an exact https origin such as https://chat.example`);
  }
  return [...openers];
}

function exact(entry: string): boolean {
  try {
    const url = new URL(entry);
    // A star is a good host name to `URL`.
    return url.origin === entry && !entry.includes("*") && isSecure(url);
  } catch {
    return false;
  }
}

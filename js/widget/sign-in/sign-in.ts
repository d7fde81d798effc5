/** What follows the click of a popup sign-in: docs/sign-in.md. Loaded when it is first needed, so it imports types only. */
import type { AuthframeError, ErrorCode, Responsible } from "../../shared/error.js";
import type { Pending, safe } from "./open.js";
import type { Bridge, Grant, OAuthRequest, SignInOptions } from "../types.js";

const OPTIONS = ["url", "oauth", "from", "exchange", "poll", "timeoutMs", "signal", "width", "height"];
const TIMEOUT = 300_000;
const LONGEST = 3_600_000;
// `closed` is looked at so often, and believed after so long: what the page posted before it closed has come by then.
const LOOK = 150;
const CLOSED_FOR = 600;
const FIRST_POLL = 1000;
const LAST_POLL = 5000;
const CODE = 8192;
const WORD = 256;

const TEXTS = {
  CLOSED: ["app", "the bridge was closed"],
  CONFIG_INVALID: [
    "app",
    "signIn needs https addresses without a user name; with oauth: clientId, redirectUri and exchange; timeoutMs is 1 to 3600000",
  ],
  ENV_UNSUPPORTED: ["app", "PKCE needs a secure context (https)"],
  INVALID_STATE: ["app", "somebody is signed in: sign out first"],
  SIGN_IN_BLOCKED: ["user", "the browser opened no window for us: call signIn in the click itself, and let the user allow popups"],
  SIGN_IN_CANCELLED: ["user", "the sign-in was cancelled, or somebody signed out meanwhile"],
  SIGN_IN_FAILED: ["network", "what the popup brought could not be made into a sign-in: see cause, try again"],
  SIGN_IN_PENDING: ["app", "a sign-in is open in this page already"],
  SIGN_IN_REFUSED: ["peer", "the sign-in was refused: see cause"],
  SIGN_IN_TIMEOUT: ["user", "the sign-in took too long"],
  SIGN_IN_UNCONFIRMED: [
    "peer",
    "the popup was closed, or its page cut itself off (COOP) and may be open still: only a poll would find out",
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [Responsible, string]>>;

type Failure = (code: keyof typeof TEXTS, cause?: unknown) => AuthframeError;

/**
 * Carries the sign-in through; rejects with what became of it. The caller closes the popup.
 * @param own this sign-in; false or undefined: it was not begun
 * @param pending the one that is under way in this page, this one or an earlier one
 */
export async function proceed(
  bridge: Bridge,
  options: SignInOptions,
  address: URL | undefined,
  own: Pending | false | undefined,
  pending: Pending | undefined,
  check: typeof safe,
  Failed: typeof AuthframeError,
): Promise<void> {
  const failure: Failure = (code, cause) => new Failed(code, TEXTS[code][1], TEXTS[code][0], cause);
  const stranger = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (stranger !== undefined)
    throw new Failed("CONFIG_INVALID", `signIn has no option ${JSON.stringify(stranger)}: it has ${OPTIONS.join(", ")}`, "app");
  if (!address) throw failure("CONFIG_INVALID");
  if (!own) {
    pending?.popup?.focus();
    throw failure(pending ? "SIGN_IN_PENDING" : "INVALID_STATE");
  }
  const { popup } = own;
  if (!popup) throw failure("SIGN_IN_BLOCKED");
  await bridge.beginSignIn();
  try {
    await attempt(bridge, options, address, popup, own, check, failure);
  } catch (cause) {
    const error = cause instanceof Failed ? cause : failure("SIGN_IN_FAILED", cause);
    const { status, reason } = bridge.session;
    // Somebody else may have signed in meanwhile: that is not ours to undo.
    if (status === "authorizing" && reason === "sign-in")
      await bridge.signOut({ reason: error.code === "SIGN_IN_REFUSED" ? "refused" : "user" }).catch(() => {});
    throw error;
  }
}

function attempt(
  bridge: Bridge,
  options: SignInOptions,
  address: URL,
  popup: Window,
  own: Pending,
  check: typeof safe,
  failure: Failure,
): Promise<void> {
  const { oauth, exchange, poll, signal, timeoutMs = TIMEOUT } = options;
  const over = new AbortController();
  const stops: (() => void)[] = [];
  let next: ReturnType<typeof setTimeout> | undefined;
  const state = hex(crypto.getRandomValues(new Uint8Array(16)));
  let from = "";
  let codeVerifier: string | null = null;
  // Once something came, nothing else is taken, and a popup that goes away means nothing any more.
  let taken = false;

  return new Promise<void>((resolve, reject) => {
    const end = () => {
      const first = !over.signal.aborted;
      over.abort();
      clearTimeout(next);
      for (const stop of stops.splice(0)) stop();
      return first;
    };
    const succeed = () => void (end() && resolve());
    const fail = (error: unknown) => void (end() && reject(error));
    const refuse = (error: string) => fail(failure("SIGN_IN_REFUSED", { error }));
    const request = () => ({ state, codeVerifier, redirectUri: oauth?.redirectUri ?? null, signal: over.signal });
    /** Makes a grant, and signs in with it. */
    const accept = async (make: () => unknown) => {
      taken = true;
      let grant: unknown;
      try {
        grant = await make();
      } catch (error) {
        return fail(rejected(error) ? failure("SIGN_IN_REFUSED", error) : error);
      }
      if (!over.signal.aborted) await bridge.authorize(grant as Grant).then(succeed, fail);
    };

    own.hear = (event) => {
      if (over.signal.aborted || event.source !== popup || event.origin !== from || field(event.data, "type") !== "authframe:sign-in")
        return;
      // Ours: the core would count it as a stranger's.
      event.stopImmediatePropagation();
      const read = (key: string, most = WORD) => {
        const value = field(event.data, key);
        return typeof value === "string" && value.length <= most ? value : null;
      };
      popup.postMessage({ type: "authframe:sign-in-taken", state: read("state") }, from);
      if (taken) return;
      taken = true;
      const [code, error, data] = [read("code", CODE), read("error"), field(event.data, "data")];
      if (read("state") !== state) refuse("another state");
      else if (field(event.data, "cancelled") === true) fail(failure("SIGN_IN_CANCELLED"));
      else if (oauth?.issuer !== undefined && read("iss") !== oauth.issuer) refuse("another issuer");
      else if (error === "access_denied") fail(failure("SIGN_IN_CANCELLED"));
      else if (error !== null) refuse(error);
      else if (oauth && code === null) refuse("no code");
      else void accept(() => (exchange ? exchange({ ...request(), code, data }) : data));
    };

    /** The popup cannot be heard any more, or was closed: the browser does not say which. */
    const ask = async (wait: number) => {
      if (!poll) return fail(failure("SIGN_IN_UNCONFIRMED"));
      try {
        const grant = await poll(request());
        if (grant && !taken) return await accept(() => grant);
      } catch (error) {
        if (rejected(error) && !taken) fail(failure("SIGN_IN_REFUSED", error));
      }
      if (!taken && !over.signal.aborted) next = setTimeout(() => void ask(Math.min(wait * 1.5, LAST_POLL)), wait);
    };
    const watch = (since = Infinity) => {
      if (taken) return;
      const now = performance.now();
      since = popup.closed ? Math.min(since, now) : Infinity;
      if (now - since >= CLOSED_FOR) void ask(FIRST_POLL);
      else next = setTimeout(() => watch(since), LOOK);
    };

    const begin = async () => {
      const home = oauth ? check(oauth.redirectUri) : address;
      const source = options.from === undefined ? home : check(options.from);
      if (!home || !source || !(timeoutMs >= 1 && timeoutMs <= LONGEST) || (oauth && !(oauth.clientId && exchange)))
        throw failure("CONFIG_INVALID");
      from = source.origin;
      const cancel = () => fail(failure("SIGN_IN_CANCELLED"));
      if (signal?.aborted) return cancel();
      signal?.addEventListener("abort", cancel, { signal: over.signal });
      const deadline = setTimeout(() => fail(failure("SIGN_IN_TIMEOUT")), timeoutMs);
      stops.push(
        () => clearTimeout(deadline),
        // Whatever leaves `authorizing` ends this: the user, the host or another tab has signed out, or something else has signed in.
        bridge.subscribe(({ status }) => {
          if (status === "authorized") succeed();
          if (status === "unauthorized") fail(failure("SIGN_IN_CANCELLED"));
        }),
        bridge.onConnection((connection) => connection === "closed" && fail(failure("CLOSED"))),
      );
      // One of these two may have had its say at once.
      if (over.signal.aborted) return void end();
      const parameters = oauth ? await authorization(oauth) : {};
      for (const [name, value] of Object.entries({ ...parameters, state })) address.searchParams.set(name, value);
      if (over.signal.aborted) return;
      popup.location.replace(address.href);
      watch();
    };

    /** The parameters of the request, RFC 6749 and RFC 7636. */
    const authorization = async ({
      clientId,
      redirectUri,
      scope,
      parameters,
      pkce = true,
    }: OAuthRequest): Promise<Record<string, string>> => {
      const request = {
        ...(scope === undefined ? {} : { scope }),
        ...parameters,
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
      };
      if (!pkce) return request;
      // It is missing where the context is not secure.
      const subtle: SubtleCrypto | undefined = crypto.subtle;
      if (!subtle) throw failure("ENV_UNSUPPORTED");
      codeVerifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
      const challenge = base64url(new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier))));
      return { ...request, code_challenge: challenge, code_challenge_method: "S256" };
    };

    begin().catch(fail);
  });
}

const rejected = (error: unknown) => (error as Error | null)?.name === "AuthRejected";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");

/** An own property of what somebody sent. A getter cannot come through a message, but a hostile one costs nothing here either. */
function field(from: unknown, key: string): unknown {
  try {
    return Object.hasOwn(from as object, key) ? (from as Record<string, unknown>)[key] : undefined;
  } catch {
    return undefined;
  }
}

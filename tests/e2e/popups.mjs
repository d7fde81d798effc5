/** The people of a popup sign-in: a widget in a cross-site frame with a button, a person who clicks, and the window that opens. */
import { blankPair, connectHere } from "./actors.mjs";
import { press, underThePointer } from "./browser.mjs";

/**
 * A host page with a widget in it that has a "Sign in" button and a "Cancel" button. The button calls `bridge.signIn()`; what became of it is `result`
 * (a promise) and `outcome` (null until then) in the frame: `"signed in"` or the error's code.
 * @param {{site?: string, hostPath?: string, widgetPath?: string, sandbox?: string, switches?: string, poll?: boolean, oauth?: object, signIn?: object, url?: string}} [wish]
 * `switches` is what stands before `/authorize`; `oauth` and `signIn` add to the options; `url` is a sign-in page without OAuth
 */
export async function widgetWithButton(lab, { site = "host", hostPath = "/lab", widgetPath = "/lab", ...wish } = {}) {
  const { page, frame } = await blankPair(lab, { site, hostPath, widgetPath, sandbox: wish.sandbox });
  const client = lab.freshNamespace();
  await frame.evaluate(connectHere, { hosts: [lab.origin(site)], namespace: client });
  await frame.evaluate(addButtons, { client, login: lab.origin("login"), widget: lab.origin("widget"), ...wish });
  return { page, frame, client };
}

/** Runs in the frame. */
function addButtons({ client, login, widget, switches = "", poll = false, oauth = {}, signIn = {}, url }) {
  window.exchanged = [];
  window.polls = 0;
  const redeem = async ({ code, codeVerifier, redirectUri }) => {
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: client,
      code,
      code_verifier: codeVerifier,
      redirect_uri: redirectUri,
    });
    const tokens = await (await fetch(`${login}/token`, { method: "POST", body })).json();
    if (tokens.error) throw new Error(tokens.error);
    const user = await (
      await fetch(`${login}/userinfo?client_id=${client}`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    ).json();
    return { account: { subject: user.sub, name: user.name }, accessToken: tokens.access_token };
  };
  const exchange = (result) => {
    window.exchanged.push(result);
    return redeem(result);
  };
  /** What the callback page has left at the widget's own server. */
  const ask = async (request) => {
    window.polls++;
    const response = await fetch(`/api/relay?${new URLSearchParams({ state: request.state })}`);
    if (response.status !== 200) return null;
    const { code, error } = await response.json();
    if (error) throw new (await window.load("authframe")).AuthRejected(error);
    return redeem({ ...request, code });
  };
  const standard = {
    authorizationEndpoint: `${login}${switches}/authorize`,
    clientId: client,
    redirectUri: `${widget}/callback.html`,
    issuer: login,
    ...oauth,
  };
  const base = url ? { url } : { oauth: standard, exchange };
  const button = (name, click) => {
    const made = document.createElement("button");
    made.textContent = name;
    made.onclick = click;
    document.body.append(made);
  };
  window.outcome = null;
  window.begin = (more = {}) => {
    window.outcome = null;
    window.cancelling = new AbortController();
    const promise = window.bridge.signIn({ ...base, ...(poll ? { poll: ask } : {}), signal: window.cancelling.signal, ...signIn, ...more });
    window.result = promise.then(
      () => "signed in",
      (error) => {
        window.failure = {
          name: error.name,
          responsible: error.responsible,
          cause: error.cause?.error ?? String(error.cause),
          message: error.message,
        };
        return error.code ?? String(error);
      },
    );
    window.result.then((outcome) => (window.outcome = outcome));
  };
  button("Sign in", () => window.begin());
  button("Cancel", () => window.cancelling.abort());
}

/** A real click, with the user activation that comes with it, and the window that it opens. */
export async function clickAndOpen(lab, frame, name = "Sign in") {
  const button = frame.getByRole("button", { name, exact: true });
  await frame.page().bringToFront();
  await underThePointer(button);
  const received = frame.evaluate(
    () => new Promise((resolve) => addEventListener("click", (event) => resolve(event.isTrusted), { capture: true, once: true })),
  );
  const opened = lab.context.waitForEvent("page");
  await button.click();
  return opened.catch(async (error) => {
    const state = await Promise.race([received, "no click was received"]);
    const became = await Promise.race([outcome(frame), "nothing yet"]).catch(String);
    throw new Error(`no window opened: click ${state}, outcome ${became}`, { cause: error });
  });
}

/** The person at the sign-in page. */
export async function signInAs(popup, user = "ada") {
  await popup.getByLabel("User name").fill(user);
  await press(popup.getByRole("button", { name: "Sign in" }));
}

export const outcome = (frame) => frame.evaluate(() => window.result);

/** The page that a sign-in in a popup ends on (`redirect_uri`): it belongs to the widget's vendor and stands on the widget's site. */
import { finish } from "authframe/popup";

const TEXTS = {
  delivered: "Done. You can close this window.",
  "no-opener": "Done. You can close this window and go back to the page you came from.",
  unacknowledged: "The page you came from does not answer. Close this window and try again there.",
  "no-response": "There is nothing to do here. You can close this window.",
};

const { outcome, response } = await finish({ openers: [location.origin] });
// The sign-in page cut this window off (Cross-Origin-Opener-Policy): the widget asks the server instead.
if (outcome === "no-opener") {
  await fetch("/api/relay", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(response) });
}
document.getElementById("text").textContent = TEXTS[outcome];
document.title = "Sign-in";
window.outcome = outcome; // For the tests.

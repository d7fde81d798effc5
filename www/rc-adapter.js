/**
 * A shell as the vendor's `adapter.js` builds it around its iframe: written by ourselves after what that script does with every message and answer, and no more than that.
 * It knows nothing of authframe. (The vendor's listens to every window; this one listens to its own iframe.)
 */

/** What the user picks in the menu, and what is posted for it. */
const PRESENCES = [
  ["availableBtn", "Available"],
  ["busyBtn", "Busy"],
  ["doNotAcceptAnyCallsBtn", "DoNotAcceptAnyCalls"],
  ["offlineBtn", "Offline"],
];
/** How long it waits for an answer, in milliseconds. */
const PATIENCE = 5000;
const IMAGE = /^(https?:\/\/|chrome-extension:\/\/|data:image)/;

export class Adapter {
  #appUrl;
  #enablePopup;
  #popupPageUri;
  #strings = {};
  #presenceOption = null;
  #popup = null;
  #popping = null;
  #answers = new Map();
  #parts;
  minimized = true;
  closed = true;
  /** Until the widget has pushed its state, nothing is shown. */
  loading = true;

  /** @param {{ appUrl: string, container: Element, prefix?: string, enablePopup?: boolean, popupPageUri?: string }} options */
  constructor({ appUrl, container, prefix = "rc-widget", enablePopup = false, popupPageUri }) {
    this.#appUrl = appUrl;
    this.#enablePopup = enablePopup;
    this.#popupPageUri = popupPageUri;
    this.#parts = build(prefix, appUrl);
    const { root, presence, popup, toggle, menu } = this.#parts;
    presence.addEventListener("click", () => this.#toggleMenu());
    popup.addEventListener("click", () => void this.popupWindow());
    toggle.addEventListener("click", () => this.setMinimized(!this.minimized));
    menu.addEventListener("click", ({ target }) => {
      const { presenceType } = target.dataset;
      if (!presenceType) return;
      this.#toggleMenu();
      this.post({ type: "rc-adapter-presenceItemClicked", presenceType });
    });
    addEventListener("message", ({ source, data }) => {
      if (source === this.frame.contentWindow && data) this.#receive(data);
    });
    container.append(root);
    this.#render();
  }

  get frame() {
    return this.#parts.frame;
  }

  post(message) {
    this.frame.contentWindow.postMessage(message, new URL(this.#appUrl).origin);
  }

  request(path, body) {
    const requestId = Math.random().toString(36).slice(2);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#answers.delete(requestId);
        reject(new Error("Time out"));
      }, PATIENCE);
      this.#answers.set(requestId, (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      this.post({ type: "rc-adapter-message-request", requestId, path, body });
    });
  }

  // What a page calls

  setMinimized(minimized) {
    this.minimized = !!minimized;
    this.#parts.menu.hidden ||= this.minimized;
    this.#render();
    this.post({ type: "rc-adapter-syncMinimized", minimized: this.minimized });
  }

  setClosed(closed) {
    this.closed = !!closed;
    this.#render();
    this.post({ type: "rc-adapter-syncClosed", closed: this.closed });
  }

  setSize(size) {
    this.#resize(size);
    this.post({ type: "rc-adapter-syncSize", size });
  }

  /** A truthy answer means that the widget has a window already, or deals with it. */
  isWindowPoppedUp({ alert = false } = {}) {
    return this.request("/check-popup-window", { alert });
  }

  /** Opens the widget in a window of its own. A second press while the first one waits is the same. */
  async popupWindow() {
    this.#popping ??= this.#popUp();
    await this.#popping.catch((error) => console.error(error));
    this.#popping = null;
  }

  async #popUp() {
    if (await this.isWindowPoppedUp({ alert: true })) {
      this.#popup?.focus();
      return;
    }
    const own = this.#appUrl.replace("app.html", "popup.html");
    const address = this.#popupPageUri ? `${this.#popupPageUri}?${own.split("?")[1]}` : own;
    this.#popup = open(address, "RCPopupWindow", "popup,width=300,height=535");
    this.setMinimized(true);
  }

  alertMessage({ message, level, ttl, details }) {
    return this.request("/custom-alert-message", { message, level, ttl, details });
  }

  dismissMessage(id = null) {
    return this.request("/dismiss-alert-message", { id });
  }

  scheduleMeeting(meeting) {
    return this.request("/schedule-meeting", meeting);
  }

  createSMSTemplate(displayName, text) {
    return this.request("/create-sms-template", { displayName, text });
  }

  getUnloggedCalls(perPage, page) {
    return this.request("/unlogged-calls", { perPage, page });
  }

  getCallLog({ sessionId, telephonySessionId }) {
    return this.request("/get-call-log", { sessionId, telephonySessionId });
  }

  navigateTo(path) {
    this.post({ type: "rc-adapter-navigate-to", path });
  }

  logoutUser() {
    this.post({ type: "rc-adapter-logout" });
  }

  // What the widget says

  #receive(data) {
    switch (data.type) {
      case "rc-adapter-message-response": {
        const answer = this.#answers.get(data.responseId);
        this.#answers.delete(data.responseId);
        answer?.(data.response);
        break;
      }
      case "rc-adapter-pushAdapterState": {
        // Both have to be there.
        const { width, height } = data.size;
        const { translateX } = data.position;
        this.translateX = translateX;
        this.minimized = data.minimized;
        this.closed = data.closed;
        this.loading = false;
        this.#showPresence(data);
        this.#resize({ width, height });
        break;
      }
      case "rc-adapter-syncMinimized":
        this.minimized = !!data.minimized;
        break;
      case "rc-adapter-syncClosed":
        this.closed = !!data.closed;
        break;
      case "rc-adapter-syncSize":
        this.#resize(data.size);
        break;
      case "rc-adapter-syncPresence":
        this.#presenceOption = data.presenceOption;
        this.#showPresence(data);
        break;
      case "rc-adapter-pushLocale":
        this.#strings = data.strings ?? {};
        break;
      case "rc-adapter-theme-notify":
        this.#parts.root.dataset.theme = data.theme;
        break;
      case "rc-brand-assets-notify":
        showImage(this.#parts.logo, data.logoUri);
        showImage(this.#parts.icon, data.iconUri);
        break;
      case "rc-call-ring-notify":
        this.setMinimized(false);
    }
    this.#render();
  }

  #showPresence({ userStatus, dndStatus }) {
    this.#parts.presence.dataset.presence = [userStatus, dndStatus].filter(Boolean).join(" ");
  }

  #resize({ width, height }) {
    this.#parts.frame.style.width = `${width}px`;
    this.#parts.frame.style.height = `${height}px`;
  }

  #toggleMenu() {
    this.#parts.menu.hidden = !this.#parts.menu.hidden;
    this.setMinimized(false);
  }

  #render() {
    const { root, frame, popup, toggle, menu } = this.#parts;
    root.hidden = this.loading || this.closed;
    frame.parentElement.hidden = this.minimized;
    popup.hidden = !this.#enablePopup;
    toggle.setAttribute("aria-pressed", String(this.minimized));
    [...menu.children].forEach((item, place) => {
      const [key, presenceType] = PRESENCES[place];
      // As the vendor's: what it has not received is shown so.
      item.textContent = String(this.#strings[key]);
      item.setAttribute("aria-current", String(presenceType === this.#presenceOption));
    });
  }
}

function build(prefix, appUrl) {
  const root = made("div", { id: prefix, className: "rc-adapter" });
  const header = made("header", { className: "rc-header" });
  const presence = made("button", { type: "button", className: "quiet rc-presence", ariaLabel: "Presence" });
  const icon = made("img", { className: "rc-icon", alt: "", hidden: true });
  const logo = made("img", { className: "rc-logo", alt: "", hidden: true });
  const popup = made("button", { type: "button", className: "quiet rc-popup", textContent: "Pop out" });
  const toggle = made("button", { type: "button", className: "quiet rc-toggle", textContent: "Minimize" });
  const menu = made("div", { className: "rc-menu", hidden: true });
  for (const [, presenceType] of PRESENCES) {
    const item = made("button", { type: "button", className: "quiet" });
    item.dataset.presenceType = presenceType;
    menu.append(item);
  }
  const container = made("div", { className: "rc-frame" });
  const frame = made("iframe", { id: `${prefix}-adapter-frame`, title: "Phone", allow: "microphone; autoplay" });
  frame.sandbox = "allow-same-origin allow-scripts allow-forms allow-popups allow-downloads allow-popups-to-escape-sandbox";
  frame.src = appUrl;
  header.append(presence, icon, logo, popup, toggle);
  container.append(frame);
  root.append(header, menu, container);
  return { root, presence, icon, logo, popup, toggle, menu, frame };
}

const made = (tag, properties) => Object.assign(document.createElement(tag), properties);

function showImage(image, address) {
  if (typeof address !== "string" || !IMAGE.test(address)) return;
  image.src = address;
  image.hidden = false;
}

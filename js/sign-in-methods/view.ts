/** What is seen: a text, a button or a link for the method that is offered, and a button that cancels. */
import { createElement } from "../shared/own-document.js";
import type { SignInMethod } from "./methods.js";
import type { SignInMethodsTexts } from "./texts.js";

export class View {
  // One of each for good: a reader announces what changes in an element that it knows, and the focus stays on one that stays.
  readonly #message = element("p", { role: "status" });
  readonly button = element("button", { type: "button" });
  readonly link = element("a", { target: "_blank", rel: "noopener" });
  readonly cancel = element("button", { type: "button" });

  /** @param address of the link, if there is one */
  constructor(
    private readonly container: HTMLElement,
    private readonly returnFocus: HTMLElement,
    private readonly texts: SignInMethodsTexts,
    address: URL | null,
  ) {
    container.classList.add("authframe-sign-in-methods");
    container.replaceChildren(this.#message, this.button, this.link, this.cancel);
    if (returnFocus === container) container.tabIndex = -1;
    this.cancel.textContent = texts.cancel;
    if (address) this.link.href = address.href;
  }

  /** @param isBusy something is under way: only cancelling is offered */
  show(message: string, method: SignInMethod | null, isBusy: boolean): void {
    this.#message.textContent = message;
    const isLink = method === "link";
    const hadFocus = this.container.contains(document.activeElement);
    this.button.hidden = method === null || isLink || isBusy;
    this.link.hidden = !isLink || isBusy;
    this.cancel.hidden = !isBusy;
    const offered = isLink ? this.link : this.button;
    if (method) offered.textContent = this.texts[method];
    // What had the focus may be hidden now.
    if (hadFocus) (isBusy ? this.cancel : offered).focus();
  }

  /** A user is signed in: the focus goes where it is wanted, if it was in here. */
  showDone(): void {
    const hadFocus = this.container.contains(document.activeElement) && document.activeElement !== this.container;
    this.show(this.texts.done, null, false);
    if (hadFocus) this.returnFocus.focus();
  }

  close(): void {
    this.container.replaceChildren();
  }
}

function element<Name extends "a" | "button" | "p">(name: Name, attributes: Record<string, string>): HTMLElementTagNameMap[Name] {
  const made = createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

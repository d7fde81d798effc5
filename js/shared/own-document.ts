/** The document's own members: an element that a page names like one of them (`<img name="cookie">`, `<form name="createElement">`) hides it from `document.cookie`. */
const own = (name: string): unknown =>
  typeof Document === "undefined"
    ? (document as unknown as Record<string, unknown>)[name]
    : Reflect.get(Document.prototype, name, document);

const call = (name: string, ...values: unknown[]): unknown => (own(name) as (...values: unknown[]) => unknown).call(document, ...values);

export const createElement = <K extends keyof HTMLElementTagNameMap>(name: K) => call("createElement", name) as HTMLElementTagNameMap[K];

export const findElement = (selector: string) => call("querySelector", selector) as Element | null;

export const listenToDocument = (type: string, listener: EventListener, options?: AddEventListenerOptions): void =>
  void call("addEventListener", type, listener, options);

export const unlistenToDocument = (type: string, listener: EventListener): void => void call("removeEventListener", type, listener);

export const isHidden = (): boolean => own("visibilityState") === "hidden";

/** No user has asked for the page yet. */
export const isPrerendering = (): boolean => own("prerendering") === true;

export const baseAddress = (): string => String(own("baseURI"));

export const readCookies = (): string => String(own("cookie"));

export const assignCookie = (line: string): void => {
  if (typeof Document === "undefined") document.cookie = line;
  else Reflect.set(Document.prototype, "cookie", line, document);
};

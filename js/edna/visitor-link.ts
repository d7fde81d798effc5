/** Keeps a widget up to date with the visitor of its page. */

import type { Identity, Widget } from "../host/index.js";
import { text } from "../shared/read.js";
import { report } from "../shared/report.js";
import { within } from "../shared/within.js";
import { ABANDONED, CLIENT_LOGOUT, EXPIRED, FINDINGS, nameOf, UPDATE_WAIT, VALUES, VISITOR } from "./names.js";
import { PageVisitor } from "./page-visitor.js";
import type { EdnaSettings } from "./settings.js";
import { isFindingCode } from "./texts.js";
import { type Found, findings, subjectOf, type Visitor } from "./visitor.js";

/** The chat's server says that `extendedAuth` has expired. */
export interface EdnaExpired {
  readonly type: "HTTP" | "WS";
  /** The status, or the close code. */
  readonly status: number;
}

export class VisitorLink {
  readonly page: PageVisitor;
  /** What the widget has left out: it has its own list of names, and the last word on what is sent. */
  #leftOut: Found = new Map();
  #widget: Widget | undefined;
  /** How often the page is bringing its globals up to date. What it changes meanwhile is sent as the answer. */
  #updating = 0;
  /** The client that `embed` names to a widget that was loaded anew. */
  #named: string | null = null;
  /** How many users the widget is being named: its session does not show them yet. */
  #naming = 0;
  /** The client of the visitor that was handed over last. */
  #handed: string | null = null;

  constructor(
    settings: EdnaSettings,
    private readonly update: (() => unknown) | undefined,
  ) {
    this.page = new PageVisitor(settings, () => {
      if (this.#updating === 0) this.send(this.page.value.clientId).catch(report);
    });
  }

  /** What was left out by either half. */
  get found(): Found {
    return new Map([...this.page.found, ...this.#leftOut]);
  }

  /** Whether the page names another client than the widget knows. */
  get isStale(): boolean {
    return this.page.value.clientId !== this.#named;
  }

  /** The user to name to the widget now. */
  identity(): Identity | null {
    const { clientId, clientData } = this.page.value;
    this.#named = clientId;
    this.#handed = clientId;
    return clientId === null ? null : { account: { subject: subjectOf(clientId), name: nameOf(clientData) } };
  }

  /** What the globals say once the page has brought them up to date. */
  async updated(): Promise<Visitor> {
    this.#updating++;
    try {
      await within(UPDATE_WAIT, Promise.resolve(this.update?.()), tooLate);
    } catch (error) {
      report(error);
    }
    this.#updating--;
    const visitor = this.page.read();
    this.#handed = visitor.clientId;
    return visitor;
  }

  /**
   * Sends what the globals say now; the user is named only if it is another one than `known`.
   * @param isNaming whether a user is being named already
   */
  async send(known?: string | null, isNaming = this.#naming > 0): Promise<void> {
    const before = this.#handed;
    const visitor = this.page.read();
    this.#handed = visitor.clientId;
    const widget = this.#widget;
    if (!widget) return;
    // First, because the widget asks for the user that it is about to sign in. A widget that is being loaded asks by itself.
    if (widget.connection === "connected") widget.send(VISITOR, visitor);
    if (visitor.clientId !== known) await this.#name(widget, before, isNaming);
  }

  /** Names the user. A page that names none signs out the client whom it has named itself, and takes nothing from a page that names another one. */
  async #name(widget: Widget, before: string | null, isNaming = false): Promise<void> {
    const identity = this.identity();
    if (identity === null && (before === null || !(isNaming || isOwn(widget, before)))) return;
    this.#naming++;
    try {
      await widget.setIdentity(identity);
    } finally {
      this.#naming--;
    }
  }

  /** Has the chat's server notified that the client is not there any more. */
  async clientLogout(): Promise<void> {
    await this.#widget?.request(CLIENT_LOGOUT);
  }

  /** Serves the widget that was embedded. */
  attach(widget: Widget, onExpired: ((expired: EdnaExpired) => void) | undefined): void {
    this.#widget = widget;
    widget.handle(VISITOR, () => this.updated());
    // While it brings its globals up to date, they may be one user's and another one's.
    widget.handle(VALUES, () => (this.#updating > 0 ? this.page.value : this.page.readValues()));
    widget.handle(EXPIRED, (said) => {
      const { type, status } = Object(said) as { type?: unknown; status?: unknown };
      if ((type === "HTTP" || type === "WS") && Number.isInteger(status)) onExpired?.({ type, status: status as number });
    });
    widget.handle(ABANDONED, () => (this.page.value.clientId === null ? widget.setIdentity(null) : undefined));
    widget.handle(FINDINGS, (said) => {
      this.#leftOut = readFindings(said);
    });
    widget.onConnection((state) => {
      if (state === "closed") this.page.close();
      // The page may name another one by now, because another tab has changed its user.
      if (state === "disconnected" && this.isStale) this.#name(widget, this.#named).catch(() => {});
    });
  }
}

/** Whether the session is that client's, or one is being signed in. */
const isOwn = ({ session: { status, account } }: Widget, clientId: string): boolean =>
  status === "authorizing" || (status === "authorized" && account?.subject === subjectOf(clientId));

const tooLate = () => new Error("update() did not end within 20 s: what the globals say by then counts");

/** The widget's findings, as far as this half knows their words. */
function readFindings(said: unknown): Found {
  const { all, note } = findings();
  for (const entry of Array.isArray(said) ? (said as unknown[]) : []) {
    const [code, where] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (isFindingCode(code)) note(code, text(64)(where) ?? "");
  }
  return all;
}

/** What the user wants of the line: granted here by the tab that holds it, asked of the holder by the others. */
import type { Bridge } from "../widget/index.js";
import { NO_TOKEN } from "./failures.js";
import { type Question, readQuestion } from "./question.js";
import type { SharedRecord } from "./shared-record.js";
import type { TabState, Wish } from "./tab-state.js";
import type { EventRecord } from "./turn.js";

export interface WishesContext {
  readonly bridge: Bridge;
  readonly record: SharedRecord;
  readonly question: Question;
  readonly state: TabState;
  /** Whether this tab has the lock. */
  isHolding(): boolean;
  /** As the holder: grants what is wanted. */
  settle(): void;
  emit(event: EventRecord): void;
}

export class Wishes {
  readonly #context: WishesContext;

  constructor(context: WishesContext) {
    this.#context = context;
  }

  want(wish: Wish): void {
    const { bridge, record, question, state, isHolding, settle } = this.#context;
    const { status } = record.known;
    // Then only this tab's page receives the event again, if there still is a tab that keeps the line alive.
    const registered = wish === "register" && !isHolding() && status === "active";
    if (bridge.session.status === "unauthorized" && wish !== "deregister" && !registered) return queueMicrotask(() => this.refuse());
    state.wish = wish;
    if (isHolding()) return settle();
    // It is no failure that a line that is not there is not given up.
    const awaited = wish !== "signOut" && (wish !== "deregister" || status !== "IDLE");
    question.ask(registered ? "report" : wish, awaited ? "awaited" : "silent");
  }

  /** Emits that there is no user here. */
  refuse(): void {
    const { record, emit } = this.#context;
    emit({ event: "error", status: record.known.status, error: NO_TOKEN });
  }

  /** As the holder: grants what another tab asked a moment ago, once. */
  grantAsked(): void {
    const { record, state, settle } = this.#context;
    const asked = readQuestion(record.storage, record.key);
    if (!asked || record.known.acknowledged.includes(asked.id)) return;
    record.acknowledge(asked.id);
    if (asked.topic === "report") return;
    state.wish = asked.topic;
    settle();
  }
}

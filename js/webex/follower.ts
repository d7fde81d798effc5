/** What this tab believes of the shared record: as the holder it defends its own, else it follows the holder's. */

import type { Question } from "./question.js";
import type { LineRecord } from "./record.js";
import type { Found, SharedRecord } from "./shared-record.js";
import type { TabState, Wish } from "./tab-state.js";
import type { EventRecord } from "./turn.js";

export interface FollowerContext {
  readonly record: SharedRecord;
  readonly question: Question;
  readonly state: TabState;
  /** Whether this tab has the lock, and whether it has a machine. */
  isHolding(): boolean;
  isDriving(): boolean;
  want(wish: Wish): void;
  emit(event: EventRecord): void;
}

export class RecordFollower {
  readonly #context: FollowerContext;

  constructor(context: FollowerContext) {
    this.#context = context;
  }

  /** Looks at what stands in storage. A storage event only says that there may be something. */
  look(): void {
    const { record, state, isHolding, isDriving } = this.#context;
    if (state.sharing === "alone") return;
    const found = record.look();
    if (isHolding() && (isDriving() || found.verdict !== "next")) this.#defend(found);
    else if (found.record) this.#follow(found.record, found.verdict);
  }

  /** As the holder: writes the true record over one that was cleared or made up, or that the last holder has written late. */
  #defend({ record: found, verdict, writer }: Found): void {
    const { record, isDriving } = this.#context;
    if (writer === "self" || (!isDriving() && verdict === "same")) return;
    record.write({}, verdict === "next" && found ? found.revision : 0);
  }

  #follow(next: LineRecord, verdict: Found["verdict"]): void {
    const { record, question, state, emit } = this.#context;
    const answered = question.answeredBy(next.acknowledged);
    if (verdict !== "next" && !answered) return this.#doubt(verdict);
    const fresh = next.sequence - record.known.sequence;
    record.known = next;
    const { wish } = state;
    if (answered) {
      question.stop();
      state.wish = null;
    } else question.repeat();
    if (fresh > 0) next.events.slice(-fresh).forEach(emit);
    if (answered?.topic === "report" && wish) this.#reported(wish);
  }

  /** Only the holder can say whether it is true. */
  #doubt(verdict: Found["verdict"]): void {
    const { question } = this.#context;
    if (question.isOpen) question.repeat();
    else if (verdict !== "same") question.ask("report", "silent");
  }

  /** The holder is there. The line was registered when this tab asked for it. */
  #reported(wish: Wish): void {
    const { record, want, emit } = this.#context;
    if (record.known.status === "active") emit({ event: "registered", status: "active" });
    else want(wish);
  }
}

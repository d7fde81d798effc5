/** What a tab asks of the tab that holds the line, by a text in localStorage, until the shared record says that it was received. */
import { uuid } from "./record.js";
import type { LineStorage } from "./storage.js";
import type { Wish } from "./tab-state.js";

/** The holder answers a question at once. */
export const ANSWER_PATIENCE = 10_000;

/** `report`: only whether the holder is there, and what it has written. */
export type Topic = Wish | "report";

/** `awaited`: the caller is waiting for the answer, so that its absence is an error. */
export type Urgency = "awaited" | "silent";

export interface Asked {
  readonly id: string;
  readonly topic: Topic;
  readonly urgency: Urgency;
}

const keyOf = (key: string) => `${key}.ask`;

/** The question of this tab. There is one at a time. */
export class Question {
  readonly #storage: LineStorage;
  readonly #key: string;
  readonly #onSilence: (urgency: Urgency) => void;
  #asked: Asked | null = null;
  /** The text of the last try. */
  #text: string | null = null;
  #tries = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** @param onSilence is called when there was no answer in time */
  constructor(storage: LineStorage, key: string, onSilence: (urgency: Urgency) => void) {
    this.#storage = storage;
    this.#key = keyOf(key);
    this.#onSilence = onSilence;
  }

  get isOpen(): boolean {
    return this.#asked !== null;
  }

  ask(topic: Topic, urgency: Urgency): void {
    this.#asked = { id: uuid(), topic, urgency: this.#asked?.urgency === "awaited" ? "awaited" : urgency };
    this.#write(this.#asked);
    // Of the first that is not answered: a caller that asks again and again learns of it too.
    this.#patience ??= setTimeout(() => this.#silence(), ANSWER_PATIENCE);
  }

  /** Asks once more if another tab has asked before the holder looked. */
  repeat(): void {
    if (this.#asked && this.#storage.getItem(this.#key) !== this.#text) this.#write(this.#asked);
  }

  /** The question, if it is among those that the holder has received. */
  answeredBy(acknowledged: readonly string[]): Asked | null {
    return this.#asked && acknowledged.includes(this.#asked.id) ? this.#asked : null;
  }

  stop(): void {
    this.#asked = null;
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #silence(): void {
    const urgency = this.#asked?.urgency ?? "silent";
    this.stop();
    this.#onSilence(urgency);
  }

  #write({ topic, id }: Asked): void {
    this.#tries++;
    // The same text again would be no event.
    this.#text = `${topic} ${id} ${Date.now()} ${this.#tries}`;
    this.#storage.setItem(this.#key, this.#text);
  }
}

export const isQuestionKey = (changed: string, key: string) => changed === keyOf(key);

/** As the holder: what was asked a moment ago, or nothing. */
export function readQuestion(storage: LineStorage, key: string): Pick<Asked, "id" | "topic"> | undefined {
  const pattern = /^(register|deregister|takeOver|signOut|report) ([\da-f-]{36}) (\d{1,15}) \d{1,15}$/;
  const [, topic, id, at] = pattern.exec(storage.getItem(keyOf(key)) ?? "") ?? [];
  if (!id || Math.abs(Date.now() - Number(at)) > ANSWER_PATIENCE) return undefined;
  return { id, topic: topic as Topic };
}

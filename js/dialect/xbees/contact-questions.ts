/** What the host asks of contacts, and how the application's callbacks answer it. */
import type { BatchListener, Contact, ContactQuery, MatchListener, SuggestListener } from "./client-types.js";

/** A question of the host, and the word under which it is answered. In 1.0.13 to 1.1.2 both were spelled differently. */
export const suggestQuestions = (answer: string) =>
  [
    ["xBeesGetContactsAutoSuggest", answer],
    ["xBeesGetContactsAutosuggest", "xBeesContactsAutosuggest"],
  ] as const;

/** Answers a search. The wire has no word for a refusal: an empty answer ends the host's waiting. */
export const suggesting =
  (listener: SuggestListener, send: (found: { contacts: Contact[]; query: string }) => void) => (payload: unknown) => {
    const query = String(payload);
    const answer = once((contacts: Contact[]) => send({ contacts, query }));
    const fail = () => answer([]);
    return orFail(listener(query, answer, fail), fail);
  };

/** Says whose an address or a number is. `null`: it is not known. */
export const matching =
  (listener: MatchListener, send: (found: { contact: Contact | null; query: ContactQuery }) => void) => (query: ContactQuery) => {
    const answer = once((contact: Contact | null) => send({ contact: contact ?? null, query }));
    const fail = () => answer(null);
    return orFail(listener(query, answer, fail), fail);
  };

/** The same for many. */
export const matchingBatch =
  (listener: BatchListener, send: (found: { query: ContactQuery; contact: Contact | null }[]) => void) => (queries: ContactQuery[]) => {
    const answer = once((results: ReadonlyMap<ContactQuery, Contact | null>) =>
      send(Array.from(results, ([query, contact]) => ({ query, contact }))),
    );
    return orFail(listener(queries, answer), () => answer(new Map()));
  };

/** One question has one answer. */
function once<T>(answer: (value: T) => void): (value: T) => void {
  let isAnswered = false;
  return (value) => {
    if (isAnswered) return;
    isAnswered = true;
    answer(value);
  };
}

/** An asynchronous callback may fail by throwing. That is its answer. */
function orFail(result: unknown, fail: () => void): void {
  Promise.resolve(result).catch(fail);
}

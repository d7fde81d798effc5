/** What the host asks of contacts, and how the application's callbacks answer it. */
import { report } from "../../shared/report.js";
import { shown } from "../../shared/shown.js";
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
    orFail(() => listener(query, answer, fail), fail);
  };

/** Says whose an address or a number is. `null`: it is not known. */
export const matching =
  (listener: MatchListener, send: (found: { contact: Contact | null; query: ContactQuery }) => void) => (query: ContactQuery) => {
    const answer = once((contact: Contact | null) => send({ contact: contact ?? null, query }));
    const fail = () => answer(null);
    orFail(() => listener(query, answer, fail), fail);
  };

/** The same for many. */
export const matchingBatch =
  (listener: BatchListener, send: (found: { query: ContactQuery; contact: Contact | null }[]) => void) => (queries: ContactQuery[]) => {
    const answer = once((results: ReadonlyMap<ContactQuery, Contact | null>) =>
      send(Array.from(results, ([query, contact]) => ({ query, contact }))),
    );
    const fail = () => answer(new Map());
    const answerWith: typeof answer = (results) => {
      if (results instanceof Map) return answer(results);
      report(new TypeError(`returnResults was called with ${shown(results)}: give a Map with an entry for each query`));
      fail();
    };
    orFail(() => listener(queries, answerWith), fail);
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

/** A callback may fail by throwing: that is its answer. The vendor's templates do it in asynchronous ones on purpose; what is thrown at once is reported. */
function orFail(call: () => unknown, fail: () => void): void {
  try {
    Promise.resolve(call()).catch(fail);
  } catch (error) {
    fail();
    report(error);
  }
}

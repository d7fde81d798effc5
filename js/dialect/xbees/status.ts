/**
 * What the host is notified of who is signed in, with the answers to it. The core decides what is posted and when: a repeat is nothing, and the host refuses the same word
 * within a second. Here is what it knows nothing of: the payloads of the application, and who waits for which answer.
 */
import { isObject } from "../../shared/input-check.js";
import { type Answers, PATIENCE } from "./answers.js";

const WORDS = { xBeesAuthorized: true, xBeesNotAuthorized: false } as const;
type Word = keyof typeof WORDS;

/** How the vendor's host words that the same message came within a second of the last one. */
const TOO_FAST = /too fast/;

/** One word, from when it is wanted until it is answered. */
interface Report {
  readonly word: Word;
  readonly payload: unknown;
  readonly answer: Promise<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (answer: unknown) => void;
  state: "wanted" | "posted" | "refused" | "failed" | "superseded";
}

/** What reports are made with. */
interface Post {
  /** Says something to the core's half of the dialect. */
  toCore(message: object): void;
  /** Posts to the host; gives the port on which the answer comes, `null` where there are none, or what the browser throws. */
  toHost(type: string, payload: unknown): unknown;
}

export class StatusReports {
  /** The newest word, and the newest one that was posted. */
  #newest: Report | undefined;
  #posted: Report | undefined;

  constructor(
    private readonly post: Post,
    private readonly answers: Answers,
  ) {}

  /** What the application says of this instance. A repeat gets the answer to what was said before. */
  async send(authorized: boolean, payload: unknown): Promise<unknown> {
    const word: Word = authorized ? "xBeesAuthorized" : "xBeesNotAuthorized";
    // What cannot be posted is no word: the caller gets the DataCloneError. What is posted later is what was given now.
    const given = isObject(payload) || typeof payload === "function" || typeof payload === "symbol" ? structuredClone(payload) : payload;
    const said = [this.#newest, this.#posted].find((report) => report?.word === word && says(report, given));
    const saysMore = Number(!said && (payload !== undefined || this.#posted?.state === "failed"));
    const report = said ?? reportOf(word, given);
    this.#take(report);
    this.#notifyCore(report, { own: Number(authorized), saysMore });
    return report.answer;
  }

  /** Whether this is a word that the core wants posted. */
  static isWord(news: unknown): news is { readonly type: Word } {
    return isObject(news) && "type" in news && typeof news.type === "string" && Object.hasOwn(WORDS, news.type);
  }

  /** Posts it, with the payload of the application if it is the application's. */
  say({ type }: { readonly type: Word }): void {
    const newest = this.#newest;
    const report = newest?.word === type && isWanted(newest) ? newest : reportOf(type, undefined);
    const again = report.state === "refused";
    this.#take(report);
    this.#posted = report;
    report.state = "posted";
    this.answers.to(type, this.post.toHost(type, report.payload)).then(report.resolve, (answer: unknown) => {
      if (again || !TOO_FAST.test(messageOf(answer))) fail(report, answer);
      else {
        if (this.#newest === report) report.state = "refused";
        // The core takes it for posted, and would keep the same word to itself.
        if (this.#posted === report) this.#notifyCore(report, { refused: 1 });
        if (this.#newest !== report) supersede(report);
      }
    });
  }

  /** Once the bridge is closed, the caller gets the error. */
  #notifyCore(report: Report, message: object): void {
    try {
      this.post.toCore(message);
    } catch (error) {
      fail(report, error);
    }
  }

  #take(report: Report): void {
    const before = this.#newest;
    if (before === report) return;
    this.#newest = report;
    if (before && isWanted(before)) supersede(before);
    if (report.state !== "wanted") return;
    const waiting = this.answers.untilClosed(report.reject);
    // A word that waits for its time waits for a second; one that is never posted ends as one that is never answered.
    const timer = setTimeout(() => isWanted(report) && fail(report, { errorMessage: "timeout", type: report.word }), PATIENCE);
    const settled = () => {
      waiting.settled();
      clearTimeout(timer);
    };
    // What the bridge says by itself is waited for by no caller.
    report.answer.then(settled, settled);
  }
}

/** Whether it has yet to be posted, for the first time or again. */
const isWanted = ({ state }: Report) => state === "wanted" || state === "refused";

/** It is not true any more; the caller has done nothing wrong. */
function supersede(report: Report): void {
  report.state = "superseded";
  report.resolve({ type: report.word, message: "superseded" });
}

function fail(report: Report, answer: unknown): void {
  report.state = "failed";
  report.reject(answer);
}

function reportOf(word: Word, payload: unknown): Report {
  let resolve!: Report["resolve"];
  let reject!: Report["reject"];
  const answer = new Promise<unknown>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { word, payload, answer, resolve, reject, state: "wanted" };
}

/** Whether nothing more would be said: without a payload that is the word itself. What has failed or was superseded was never taken, so it says nothing. */
function says(report: Report, payload: unknown): boolean {
  return report.state !== "failed" && report.state !== "superseded" && (payload === undefined || isSame(payload, report.payload, 8));
}

/** Whether two payloads are the same as far as plain objects and lists go; what is of another kind, or deeper, is not compared. */
function isSame(one: unknown, other: unknown, depth: number): boolean {
  if (Object.is(one, other)) return true;
  if (depth === 0 || !isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name], depth - 1))
  );
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);

function messageOf(answer: unknown): string {
  return isObject(answer) && "errorMessage" in answer ? String(answer.errorMessage) : "";
}

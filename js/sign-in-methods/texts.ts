/** What the user reads, in English. */

/** What is shown and announced. */
export interface SignInMethodsTexts {
  /** The buttons. */
  readonly host: string;
  readonly "storage-access": string;
  readonly popup: string;
  readonly link: string;
  /** While something is under way, and how it is ended. */
  readonly waiting: string;
  readonly cancel: string;
  /** Above the first method, above a next one or the same again, and once a user is signed in. */
  readonly first: string;
  readonly failed: string;
  readonly again: string;
  readonly blocked: string;
  readonly cancelled: string;
  readonly unknown: string;
  readonly visited: string;
  readonly done: string;
}

export const TEXTS: SignInMethodsTexts = {
  host: "Sign in on this page",
  "storage-access": "Use my sign-in from before",
  popup: "Sign in with a window",
  link: "Sign in on our own page",
  waiting: "One moment…",
  cancel: "Cancel",
  first: "You are not signed in.",
  failed: "That did not work. Here is another way.",
  again: "That did not work. Try again.",
  blocked: "Your browser blocked the window. Here is another way.",
  cancelled: "You are not signed in.",
  unknown: "You have not signed in there yet. Here is another way.",
  visited: "Once you have signed in there, come back and go on here.",
  done: "You are signed in.",
};

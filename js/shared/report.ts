/** Reports what a callback of the application has thrown as uncaught. A page may have replaced `reportError` by one that throws: nothing of ours fails because of it. */
export function report(error: unknown): void {
  try {
    reportError(error);
  } catch {
    // There is no other place to report it.
  }
}

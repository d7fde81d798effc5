import { report } from "./report.js";

/** Runs a callback of the application. What it throws is reported as uncaught, and nothing else fails because of it. */
export function safely(callback: () => unknown): void {
  try {
    callback();
  } catch (error) {
    report(error);
  }
}

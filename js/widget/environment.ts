/**
 * Where the widget stands and which tabs its changes reach: `src/session/environment.rs` in TypeScript, because here it is smaller.
 * `tests/vectors/environment.json` holds for both.
 */
import type { StorageTier } from "../shared/words.js";
import type { Environment } from "./types.js";

/** From the closest to the farthest. */
const SCOPES = ["top", "same-origin-frame", "same-site-frame", "unknown", "cross-site-frame"] as const;

/**
 * @param tier where the shared record is kept
 * @param unpartitioned whether the shared record lies where no browser keeps it apart
 */
export function environment(tier: StorageTier, host: string | null, unpartitioned: boolean): Omit<Environment, "refresh"> {
  const own = window.origin;
  // Not every engine lists them.
  const ancestors = (location as { ancestorOrigins?: Iterable<string> }).ancestorOrigins;
  const [scope, evidence]: [Environment["scope"], Environment["evidence"]] =
    parent === window
      ? ["top", "parent-is-self"]
      : own === "null"
        ? ["cross-site-frame", "opaque-origin"]
        : ancestors
          ? [scopeOf(own, [...ancestors]), "ancestor-origins"]
          : ["unknown", "no-ancestor-origins"];
  const shares =
    tier !== "local"
      ? "tab"
      : unpartitioned
        ? "origin"
        : scope === "unknown"
          ? scope
          : scope === "cross-site-frame"
            ? "host-site"
            : "origin";
  return { scope, evidence, storage: tier, shares, parent: host };
}

/**
 * What the origins above a frame prove: of several the farthest counts. Never a guess: two hosts that agree in their last two labels may be
 * one site or two, and only the public suffix list knows.
 */
export function scopeOf(own: string, ancestors: readonly string[]): Environment["scope"] {
  return SCOPES[Math.max(...ancestors.map((ancestor) => relation(own, ancestor)))] ?? "unknown";
}

function relation(own: string, other: string): number {
  // An origin without a name is like no other, not even like itself.
  if (own === "null" || other === "null") return 4;
  if (own === other) return 1;
  const [a, b] = [new URL(own), new URL(other)];
  if (a.protocol !== b.protocol) return 4;
  // Another port of the same host is the same site.
  if (a.hostname === b.hostname) return 2;
  const isAddress = /[\d\]]$/.test(a.hostname);
  return isAddress || lastTwoLabels(a) !== lastTwoLabels(b) ? 4 : 3;
}

const lastTwoLabels = ({ hostname }: URL) => hostname.split(".").slice(-2).join(".");

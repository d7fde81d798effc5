/** Longest side of the adapter's window and farthest position of it, in CSS pixels: what is beyond reason is neither taken nor kept. */
export const FARTHEST = 100_000;

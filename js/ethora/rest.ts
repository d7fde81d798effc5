/** A session that ends so soon after the host's answer was of no use, in milliseconds: the host is left alone for so long, and twice as long each next time, up to an hour. */
export const REST = 30_000;

/**
 * Whether a text is one exact origin as the browser writes it: `https://widget.example`, `http://widget.localhost:8080`.
 * The URL parser throws at what is no URL, and the comparison refuses what it had to correct. The pattern refuses what it lets through: `*`, a trailing
 * dot, an empty label, port 0.
 */
export const isExactOrigin = (text: string): boolean =>
  new URL(text).origin === text && /^https?:\/\/([\w-]+(\.[\w-]+)*|\[[\da-f:]+])(:[1-9]\d*)?$/.test(text);

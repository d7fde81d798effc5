import { expose, windowEndpoint } from "comlink";

export function serve({ origin, ask, send }) {
  expose({ ask, send }, windowEndpoint(parent, window, origin), [origin]);
}

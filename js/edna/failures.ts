/** What can go wrong in a widget of edna. */
import { AuthframeError } from "../shared/error.js";
import { failuresOf } from "../shared/failures.js";
import { LastFailure } from "../shared/last-failure.js";

const failure = failuresOf({
  EDNA_HTTP_EXPIRED: ["host", "the API says that extendedAuth has expired: the page has to replace it"],
  EDNA_OFFLINE: ["network", "the chat's server did not answer, or closed the socket"],
  EDNA_REFUSED: ["peer", "the API answered with a status or a text that gives no history: see cause"],
  EDNA_VISITOR: ["host", "the page hands over no visitor: it has to use embedEdna() of authframe/host/edna"],
  EDNA_WS_EXPIRED: ["host", "the chat's server says that extendedAuth has expired: the page has to replace it"],
});

export type EdnaFailure = LastFailure<Parameters<typeof failure>[0]>;

export const lastFailure = (): EdnaFailure => new LastFailure(failure);

export const invalid = (text: string) => new AuthframeError("CONFIG_INVALID", text, "app");

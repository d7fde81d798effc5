/** What the vendor's widget says at its start beside its state and its login: the words of the adapter's menu, and its logo. */
import type { RingCentralOptions } from "./types.js";

/** The adapter shows a word that it has not received as "undefined". It puts the number of calls in the place of the 0. */
const ENGLISH = {
  currentCallBtn: "Current call",
  viewCallsBtn: "View calls",
  ringCallsInfo: "0 incoming calls",
  onHoldCallsInfo: "0 calls on hold",
  otherDeviceCallsInfo: "0 calls on other devices",
  availableBtn: "Available",
  busyBtn: "Busy",
  offlineBtn: "Invisible",
  doNotAcceptAnyCallsBtn: "Do not disturb",
} as const;

/** Each as its type and its other fields. */
export function firstNotices({ locale: given, brand }: RingCentralOptions): readonly (readonly [string, object])[] {
  const { locale = "en-US", strings } = given ?? {};
  const words = ["rc-adapter-pushLocale", { locale, strings: { ...ENGLISH, ...strings } }] as const;
  return brand ? [words, ["rc-brand-assets-notify", { logoUri: brand.logoUri, iconUri: brand.iconUri }]] : [words];
}

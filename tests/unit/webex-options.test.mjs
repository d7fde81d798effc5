// What `line` is given: what is wrong is said by name, with what it is and what is meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { checkOptions, checkRegistrar } = await load(`export * from "./js/webex/line-options.js"`);
const REGISTRAR = { primary: ["https://a.example/"], userId: "ada", clientDeviceUri: "https://wdm.example/1" };

test("a line's options and its registrar are checked by name and kind", () => {
  checkRegistrar(REGISTRAR);
  checkRegistrar({ ...REGISTRAR, backup: [] });
  checkOptions({ registrar: REGISTRAR, indicator: "contactcenter", domain: "a.example", deviceLimit: "replace", voicePortalNumber: 5 });
  checkOptions({ registrar: () => REGISTRAR });
  for (const [given, words] of [
    [{ deviceLimits: "replace" }, /^line\.deviceLimits is not known: there are registrar, /],
    [{ deviceLimit: "replaced" }, /^line\.deviceLimit is "replaced": it is report, replace, or absent$/],
    [{ indicator: "Calling" }, /^line\.indicator is "Calling": it is calling, contactcenter, guestcalling, or absent$/],
    [{ retrySlowly: 1 }, /^line\.retrySlowly is 1: /],
    [{ phoneNumber: 12025550117 }, /^line\.phoneNumber is 12025550117: it is a text, or absent$/],
    [{ voicePortalNumber: NaN }, /^line\.voicePortalNumber is NaN: it is a whole number, or absent$/],
    [{ voicePortalExtension: Infinity }, /^line\.voicePortalExtension is Infinity: /],
    [{ voicePortalNumber: 1.5 }, /^line\.voicePortalNumber is 1\.5: /],
    [{ voicePortalNumber: "7" }, /^line\.voicePortalNumber is "7": /],
    [{ registrar: undefined }, /^line\.registrar is undefined: /],
  ])
    assert.throws(() => checkOptions({ registrar: REGISTRAR, ...given }), { message: words });
  for (const [given, words] of [
    [{ primary: "https://a.example/" }, /^line\.registrar\.primary is "https:\/\/a\.example\/": it is a list of texts$/],
    [{ primary: [7] }, /^line\.registrar\.primary is 7: /],
    [{ backup: null }, /^line\.registrar\.backup is null: it is a list of texts, or absent$/],
    [{ userId: 7 }, /^line\.registrar\.userId is 7: it is a text$/],
    [{ deviceUri: "x" }, /^line\.registrar\.deviceUri is not known: there are primary, backup, userId, clientDeviceUri$/],
  ])
    assert.throws(() => checkRegistrar({ ...REGISTRAR, ...given }), { message: words });
  for (const none of [undefined, null, 7]) assert.throws(() => checkRegistrar(none), { message: /^line\.registrar is / });
});

/** What a developer learns of an entry of `hosts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, vectors } from "./compile.mjs";

const { adviseOrigin } = await load(`export { adviseOrigin } from "./js/widget/origin-advice.js"`);
const { publicSuffixOf } = await load(`export { publicSuffixOf } from "./js/widget/public-suffixes.js"`);
const { entries } = vectors("origins");

/** The spelling that is advised, if one is. */
const advised = (text) => {
  const spelling = /: write ("(?:[^"\\]|\\.)*")$/.exec(text)?.[1];
  return spelling && JSON.parse(spelling);
};

test("tests/vectors/origins.json: of every entry that the core refuses something is said, of every other nothing", () => {
  for (const { entry, valid, why } of entries)
    assert.equal(adviseOrigin(entry) === "", valid, `${JSON.stringify(entry)} (${why}): ${adviseOrigin(entry)}`);
});

test("every spelling that is advised is one that the core takes", () => {
  let count = 0;
  for (const { entry } of entries) {
    const spelling = advised(adviseOrigin(entry));
    if (spelling === undefined) continue;
    count++;
    assert.equal(adviseOrigin(spelling), "", `${entry}: ${spelling}`);
    assert.notEqual(spelling, entry);
  }
  assert.ok(count > 35, `${count}`);
});

test("what is wrong is named, with the right spelling", () => {
  const cases = {
    "https://crm.example.com/": `"https://crm.example.com/" has a path: write "https://crm.example.com"`,
    "https://crm.example.com/widget?a=b": `has a path: write "https://crm.example.com"`,
    "https://crm.example.com?a": `has a query: write "https://crm.example.com"`,
    "https://crm.example.com#a": `has a fragment: write "https://crm.example.com"`,
    "https://CRM.example.com": `has upper case: write "https://crm.example.com"`,
    "HTTPS://crm.example.com": `has a scheme in upper case: write "https://crm.example.com"`,
    "https://crm.example.com.": `has a dot at the end of the host: write "https://crm.example.com"`,
    "https://crm.example.com:443": `has the port 443, which browsers leave out: write "https://crm.example.com"`,
    "http://crm.example.com:80": `has the port 80, which browsers leave out: write "http://crm.example.com"`,
    "https://crm.example.com:08443": `has a port with a leading zero: write "https://crm.example.com:8443"`,
    "https://crm.example.com:": `has a colon without a port: write "https://crm.example.com"`,
    "https://crm.example.com:70000": `has "70000" for a port, which is none: write an origin`,
    "crm.example.com": `has no scheme: write "https://crm.example.com"`,
    "crm.example.com:8443": `has no scheme: write "https://crm.example.com:8443"`,
    "localhost:8080": `has no scheme: write "https://localhost:8080"`,
    "//crm.example.com": `has no scheme: write "https://crm.example.com"`,
    "*.example.com": `has no scheme: write "https://*.example.com"`,
    "https:/crm.example.com": `has "/" behind "https:" and not "//": write "https://crm.example.com"`,
    "https://user:secret@crm.example.com": `has a user name: write "https://crm.example.com"`,
    " https://crm.example.com\n": `has white space around it or inside: write "https://crm.example.com"`,
    "https://CRM.example.com:443/": `has upper case, has the port 443, which browsers leave out, and has a path: write "https://crm.example.com"`,
    "https://bücher.example": `has letters beyond a to z: write "https://xn--bcher-kva.example"`,
    "https://192.0.2": `has a host that browsers write in another way: write "https://192.0.0.2"`,
    "https://[0:0:0:0:0:0:0:1]:3000": `has a host that browsers write in another way: write "https://[::1]:3000"`,
    "https://::1": `has an IPv6 address without brackets: write "https://[::1]"`,
    "https://[:::]": `has "[:::]" for a host, which browsers do not take: write an origin`,
    "https://": `has no host: write an origin`,
    "": `"" is empty: write an origin, such as "https://crm.example.com"`,
    "*": `"*" would let every page embed the widget`,
    null: `"null" is the origin of every sandboxed and every local page`,
    "http://*.example.com": `has a star, which is for https only: write an origin`,
    "https://a.*.example.com": `has a star in another place than for the whole left-most label`,
    "https://*a.example.com": `has a star in another place than for the whole left-most label`,
    "https://*.com": `has a star before fewer than two labels`,
    "https://*": `has a star in another place`,
    "https://*.example.com/": `has a path: write "https://*.example.com"`,
    "wss://crm.example.com/socket": `has the scheme of a WebSocket; a page has https: write "https://crm.example.com"`,
    "file:///tmp/a.html": `has the scheme "file": hosts are https and http, and of apps and extensions chrome-extension, moz-extension`,
    "chrome-extension://gighmmpiobklfepjocnamgkkbiglidom/page.html": `has a path: write "chrome-extension://gighmmpiobklfepjocnamgkkbiglidom"`,
    "chrome-extension://*": `has a star, which is for https only: write "chrome-extension://" and the extension's ID`,
    "chrome-extension://my-extension": `has "my-extension" where the extension's ID, 32 letters from a to p, as chrome://extensions shows it stands`,
    "moz-extension://0B1C2D3E-4F50-6172-8394-A5B6C7D8E9F0": `has upper case: write "moz-extension://0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"`,
    "capacitor://localhost:8100": `has a port: write "capacitor://localhost"`,
    "capacitor://": `has no name behind the scheme: write "capacitor://" and the app's host name, by default localhost`,
  };
  for (const [given, text] of Object.entries(cases))
    assert.ok(adviseOrigin(given).includes(text), `${JSON.stringify(given)}: ${adviseOrigin(given)}`);
});

test("what is no text is named by its kind; of an object its origin counts", () => {
  const example = `write an origin, such as "https://crm.example.com"`;
  assert.equal(adviseOrigin(null), `Null stands in hosts: ${example}`);
  assert.equal(adviseOrigin(undefined), `Undefined stands in hosts: ${example}`);
  assert.equal(adviseOrigin(7), `A number stands in hosts: ${example}`);
  assert.equal(adviseOrigin(["https://crm.example.com"]), `An array stands in hosts: ${example}`);
  assert.equal(adviseOrigin({}), `An object without origin stands in hosts: write { origin: "https://crm.example.com", dialect }`);
  assert.equal(adviseOrigin({ origin: null }), `origin is null: ${example}`);
  assert.equal(
    adviseOrigin({ origin: "https://crm.example.com/", dialect: "xbees" }),
    `"https://crm.example.com/" has a path: write "https://crm.example.com"`,
  );
  assert.equal(adviseOrigin({ origin: "https://crm.example.com" }), "");
  assert.equal(
    adviseOrigin(new URL("https://crm.example.com/a")),
    `A URL object stands in hosts: write its origin, "https://crm.example.com"`,
  );
  assert.equal(
    adviseOrigin({
      get origin() {
        throw new Error("no");
      },
    }),
    `An object without origin stands in hosts: write { origin: "https://crm.example.com", dialect }`,
  );
});

test("no text, however long or odd, makes it throw or answer at length", () => {
  for (const odd of [
    "https://" + "a".repeat(100_000),
    "[".repeat(1000),
    "https://[",
    "https://]",
    "https://@",
    "https://:",
    ":",
    "::",
    "https://%",
    "https://%00",
    "a:b:c",
    "\u0000",
    "https://\ud800.example",
    "https://a@b@c",
    "://",
    "https://*.*",
    "tauri:",
    "moz-extension://[::1]",
    "x".repeat(5000) + ":",
  ]) {
    const text = adviseOrigin(odd);
    assert.ok(text.length > 10, odd.slice(0, 50));
    assert.ok(text.length < 1000, `${odd.slice(0, 50)}: ${text.length}`);
  }
});

test("S13: a star below a public suffix is named by the suffix; nothing else is", () => {
  for (const suffix of [
    "co.uk",
    "com.au",
    "co.jp",
    "com.br",
    "github.io",
    "gitlab.io",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "netlify.app",
    "vercel.app",
    "herokuapp.com",
    "azurewebsites.net",
    "cloudfront.net",
    "s3.amazonaws.com",
    "blogspot.com",
    "myshopify.com",
    "ngrok.io",
    "ngrok-free.app",
  ]) {
    assert.equal(publicSuffixOf(`https://*.${suffix}`), suffix);
    assert.equal(publicSuffixOf(`https://*.${suffix}:8443`), suffix);
    assert.equal(publicSuffixOf(`https://*.acme.${suffix}`), undefined, "below one customer's name");
    assert.equal(publicSuffixOf(`https://acme.${suffix}`), undefined, "one customer");
    assert.equal(adviseOrigin(`https://*.${suffix}`), "", "the core takes it: a warning, no error");
  }
  for (const entry of [
    "https://*.example.com",
    "https://crm.example.com",
    "https://*.notgithub.io",
    "http://*.github.io",
    "*.github.io",
    "chrome-extension://gighmmpiobklfepjocnamgkkbiglidom",
    "",
    "*",
  ])
    assert.equal(publicSuffixOf(entry), undefined, entry);
});

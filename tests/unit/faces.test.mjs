// What the npm package offers and what the Rust crate does: each has its twin, or a reason why not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** The members of an interface of TypeScript. */
function members(file, name) {
  const source = read(file);
  const start = source.search(new RegExp(`export interface ${name}\\b`));
  assert.notEqual(start, -1, `${name} is in ${file}`);
  const body = source.slice(source.indexOf("{", start) + 1, source.indexOf("\n}", start));
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member]) => member);
}

/** The public functions and fields of Rust sources. */
function published(...files) {
  const source = files.map(read).join("\n");
  return new Set([...source.matchAll(/pub (?:const )?(?:async )?(?:fn )?(\w+)[<(:]/g)].map(([, name]) => name));
}

/** The methods of an interface of TypeScript with the names of their parameters. */
function methods(file, name) {
  const source = read(file);
  const start = source.search(new RegExp(`export interface ${name}\\b`));
  const body = source.slice(start, source.indexOf("\n}", start));
  const found = [...body.matchAll(/^ {2}(\w+)\((.*)\): /gm)];
  return found.map(([, method, list]) => [method, [...list.matchAll(/(?:^|, )(\w+)\??:/g)].map(([, parameter]) => parameter)]);
}

/** What Rust's function of this name, and those that it begins (`request`, `request_within`), are given. */
function given(files, name) {
  const source = files.map(read).join("\n");
  return [...source.matchAll(new RegExp(`pub (?:async )?fn ${name}(?:_\\w+)?\\b[^{]*`, "g"))].map(([head]) => head).join("\n");
}

const snake = (name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** TypeScript, Rust; and what has another name there, or why it is not there. */
const FACES = [
  { from: ["js/widget/types.ts", "Bridge"], to: ["src/widget/mod.rs"] },
  { from: ["js/shared/types.ts", "Peer"], to: ["src/interop/peer.rs"] },
  { from: ["js/shared/types.ts", "RequestOptions"], to: ["src/interop/peer.rs"], named: { timeoutMs: "request_within" } },
  {
    from: ["js/widget/types.ts", "ConnectOptions"],
    to: ["src/widget/options.rs"],
    named: { hosts: "new" },
    missing: {
      wasm: "the core is in the wasm of the widget already",
      signal: "a future that is dropped takes the call back; Bridge::close ends a bridge",
      unpartitionedStorage: "experimental, and its handle comes from authframe/storage-access, which has no Rust face",
    },
  },
  {
    from: ["js/widget/types.ts", "SignInOptions"],
    to: ["src/widget/sign_in.rs"],
    named: { url: "page", exchange: "oauth", timeoutMs: "timeout", width: "size", height: "size" },
    missing: { signal: "a future that is dropped cancels the sign-in" },
  },
  {
    from: ["js/widget/types.ts", "OAuthRequest"],
    to: ["src/widget/sign_in.rs"],
    named: { authorizationEndpoint: "new", clientId: "new", redirectUri: "new", parameters: "parameter" },
  },
  { from: ["js/widget/types.ts", "SignInResult"], to: ["src/widget/sign_in.rs"] },
  {
    from: ["js/widget/types.ts", "PollRequest"],
    to: ["src/widget/sign_in.rs"],
    missing: { signal: "the future is dropped when its answer is not wanted any more" },
  },
  {
    from: ["js/widget/types.ts", "AcquireRequest"],
    to: ["src/widget/acquire.rs"],
    missing: { signal: "the future is dropped when its answer is not wanted any more" },
  },
  { from: ["js/widget/types.ts", "AppStorage"], to: ["src/widget/storage.rs"] },
  { from: ["js/widget/types.ts", "Environment"], to: ["src/widget/environment.rs"] },
  { from: ["js/widget/types.ts", "Finding"], to: ["src/widget/facts.rs"] },
  { from: ["js/widget/types.ts", "Rejected"], to: ["src/interop/rejected.rs"] },
  { from: ["js/shared/types.ts", "Session"], to: ["src/session/view.rs"] },
  { from: ["js/shared/types.ts", "Session"], to: ["src/host/session.rs"] },
  { from: ["js/shared/types.ts", "Identity"], to: ["src/session/grant.rs"] },
  { from: ["js/shared/types.ts", "Account"], to: ["src/session/account.rs"] },
  { from: ["js/dialect/types.ts", "DialectHosts"], to: ["src/widget/mod.rs"] },
  { from: ["js/dialect/types.ts", "DialectOptions"], to: ["src/widget/options.rs"] },
  {
    from: ["js/dialect/xbees/types.ts", "XbeesOptions"],
    to: ["src/widget/xbees.rs"],
    named: { firstStatus: "first_status_by_application", platform: "web_only", readyTimeoutMs: "ready_timeout" },
  },
  { from: ["js/dialect/xbees/types.ts", "XbeesHost"], to: ["src/widget/xbees.rs"] },
  {
    from: ["js/dialect/ringcentral/types.ts", "RingCentralOptions"],
    to: ["src/widget/ringcentral.rs"],
    named: { readyTimeoutMs: "ready_timeout" },
  },
  { from: ["js/dialect/ringcentral/types.ts", "RingCentralPresence"], to: ["src/widget/ringcentral.rs"] },
  {
    from: ["js/dialect/ringcentral/types.ts", "RingCentralBrand"],
    to: ["src/widget/ringcentral.rs"],
    named: { logoUri: "brand", iconUri: "brand" },
  },
  {
    from: ["js/dialect/ringcentral/types.ts", "RingCentralLocale"],
    to: ["src/widget/ringcentral.rs"],
    named: { strings: "locale" },
  },
  { from: ["js/dialect/ringcentral/types.ts", "RingCentralLogin"], to: ["src/widget/ringcentral.rs"] },
  { from: ["js/dialect/ringcentral/types.ts", "RingCentralService"], to: ["src/widget/ringcentral.rs"] },
  { from: ["js/dialect/ringcentral/types.ts", "RingCentralHost"], to: ["src/widget/ringcentral.rs"] },
  {
    from: ["js/host/types.ts", "EmbedOptions"],
    to: ["src/host/options.rs"],
    named: { container: "new", timeoutMs: "timeout" },
    missing: { signal: "a future that is dropped takes the call back; Widget::close ends a widget" },
  },
  { from: ["js/host/types.ts", "Widget"], to: ["src/host/mod.rs"] },
];

for (const {
  from: [file, name],
  to,
  named = {},
  missing = {},
} of FACES) {
  test(`${name} of ${file} has its twin in ${to}`, () => {
    const there = published(...to);
    const all = members(file, name);
    assert.ok(all.length > 0, name);
    assert.deepEqual(
      all.filter((member) => !(member in missing) && !there.has(named[member] ?? snake(member))),
      [],
    );
    // What is excused has to be there, and has to need it.
    const stale = [...Object.keys(missing), ...Object.keys(named)].filter((member) => !all.includes(member));
    assert.deepEqual(stale, [], "an excuse for what is not there");
    assert.deepEqual(
      Object.keys(missing).filter((member) => there.has(snake(member)) && snake(member) !== "signal"),
      [],
      "an excuse for what has its twin",
    );
  });
}

/** Parameters that Rust has under another name, by the method; and what is no parameter there. */
const PARAMETERS = {
  "Bridge.signIn.options": "sign_in",
  "Bridge.signOut.options": "reason",
  "Bridge.accessToken.options": "validity",
  "Bridge.requestSignIn.options": "timeout",
  "Peer.request.options": "timeout",
  "XbeesHost.request.type": "word",
  "XbeesHost.on.type": "word",
  "RingCentralHost.request.options": "timeout",
  "RingCentralHost.on.type": "kind",
  "RingCentralHost.notify.type": "kind",
};

for (const {
  from: [file, name],
  to,
  named = {},
  missing = {},
} of FACES) {
  for (const [method, parameters] of methods(file, name)) {
    if (method in missing || parameters.length === 0) continue;
    test(`what ${name}.${method} takes is taken in ${to}`, () => {
      const head = given(to, named[method] ?? snake(method));
      const lacking = parameters.filter(
        (parameter) => !head.includes(`${PARAMETERS[`${name}.${method}.${parameter}`] ?? snake(parameter)}: `),
      );
      assert.deepEqual(lacking, [], head);
    });
  }
}

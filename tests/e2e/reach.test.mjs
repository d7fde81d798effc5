/** Who reaches whom: what environment() says of two placements of a widget, and what the browser does. Every cell of the matrix, both ways. */
import assert from "node:assert/strict";
import { serve } from "../../www/serve.mjs";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();
const FRAMES = "/frame-src/any/frame-ancestors/any/lab";

/**
 * A page and the frames in it, from the outside in; the innermost is the widget. Each is the name of a site, `sub.` of one, or `name+` for another port of it.
 * @param second the port of another server
 */
async function place(chain, namespace, second) {
  const at = (name) => `http://${name.replace("+", "")}.localhost:${name.endsWith("+") ? second : lab.server.port}`;
  const page = await lab.context.newPage();
  await page.goto(at(chain[0]) + FRAMES);
  await until(page, () => window.labReady);
  let where = page;
  for (const name of chain.slice(1)) {
    where = await addFrame(where, lab, at(name) + FRAMES);
    await until(where, () => window.labReady);
  }
  await where.evaluate(
    async ({ hosts, namespace }) => {
      const { connect } = await window.load("authframe");
      // Any page may embed it here: who is allowed is not what this is about.
      window.bridge = await connect({ hosts, namespace });
    },
    { hosts: chain.length > 1 ? [at(chain.at(-2))] : ["https://nobody.example"], namespace },
  );
  return { page, where, site: chain[0] };
}

// A is host, B is widget, C is other.
const CELLS = [
  ["A[B] and A[B]", ["host", "widget"], ["host", "widget"], ["cross-site-frame", "cross-site-frame"], true],
  ["A[B] and B on top", ["host", "widget"], ["widget"], ["cross-site-frame", "top"], false],
  ["A[B] and C[B]", ["host", "widget"], ["other", "widget"], ["cross-site-frame", "cross-site-frame"], false],
  ["B on top and B on top", ["widget"], ["widget"], ["top", "top"], true],
  ["B[B] and B on top", ["widget", "widget"], ["widget"], ["same-origin-frame", "top"], true],
  ["B at another port[B] and B on top", ["widget+", "widget"], ["widget"], ["same-site-frame", "top"], true],
  ["a subdomain of B[B] and B on top", ["sub.widget", "widget"], ["widget"], ["unknown", "top"], true],
  ["a subdomain of A[B] and A[B]", ["sub.host", "widget"], ["host", "widget"], ["cross-site-frame", "cross-site-frame"], true],
  ["B[A[B]] and B on top", ["widget", "host", "widget"], ["widget"], ["cross-site-frame", "top"], false],
  ["B[A[B]] and B[B]", ["widget", "host", "widget"], ["widget", "widget"], ["cross-site-frame", "same-origin-frame"], false],
  ["A[C[B]] and A[B]", ["host", "other", "widget"], ["host", "widget"], ["cross-site-frame", "cross-site-frame"], true],
];

/** What two reports say of each other: whether one receives from the other. `null`: they do not know. */
function says(one, two) {
  const shares = [one, two].map(({ environment }) => environment.shares);
  if (shares.includes("unknown")) return null;
  if (shares[0] !== shares[1]) return false;
  // "host-site": the site of the page on top, whichever of its names.
  const site = ({ site }) => site.split(".").at(-1);
  return shares[0] === "origin" || site(one) === site(two);
}

for (const [name, first, second, scopes, reaches] of CELLS) {
  test(`D28 D29 ${name}: ${reaches ? "one hears the other" : "neither hears the other"}, and that is what is reported`, async () => {
    const other = await serve({ port: 0 });
    try {
      const namespace = lab.freshNamespace();
      const [one, two] = [await place(first, namespace, other.port), await place(second, namespace, other.port)];
      for (const each of [one, two]) each.environment = await each.where.evaluate(() => bridge.environment());
      assert.deepEqual(
        [one, two].map(({ environment }) => environment.scope),
        scopes,
      );
      const said = says(one, two);
      if (said !== null) assert.equal(said, reaches, "what is reported");
      // Both ways, one after the other, and each sees only its own.
      for (const [from, to, subject] of [
        [one, two, "ada"],
        [two, one, "grace"],
      ]) {
        const before = await to.where.evaluate(() => bridge.session.epoch);
        await from.where.evaluate((subject) => bridge.authorize({ account: { subject } }), subject);
        await until(from.where, (subject) => bridge.session.account?.subject === subject, subject);
        if (reaches) await until(to.where, (before) => bridge.session.epoch > before, before);
        else {
          await lab.quiet();
          assert.equal(await to.where.evaluate(() => bridge.session.epoch), before);
        }
      }
    } finally {
      await other.close();
    }
  });
}

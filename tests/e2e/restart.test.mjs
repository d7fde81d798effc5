/** What outlives the browser: a profile that is opened again, and its files. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { until, widgetSees } from "./actors.mjs";
import { launch, test } from "./browser.mjs";
import { allSee, signInWith, tabsWithTokens, tokensFor } from "./tokens.mjs";

const folders = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 }))));

/** Every file of a profile that holds one of these texts or bytes, as UTF-8 or UTF-16. */
async function filesWith(profile, secrets) {
  const needles = secrets.flatMap((secret) =>
    typeof secret === "string" ? [Buffer.from(secret), Buffer.from(secret, "utf16le")] : [Buffer.from(secret)],
  );
  const found = [];
  for (const entry of await readdir(profile, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    if (needles.some((needle) => content.includes(needle))) found.push(file.slice(profile.length + 1));
  }
  return found;
}

/** Lets a test know the bytes of every key, which the page itself never can: `keys` holds them. */
function revealKeys() {
  window.keys = [];
  const generate = SubtleCrypto.prototype.generateKey;
  SubtleCrypto.prototype.generateKey = async function (algorithm, _extractable, usages) {
    const open = await generate.call(this, algorithm, true, usages);
    const bytes = await this.exportKey("raw", open);
    window.keys.push([...new Uint8Array(bytes)]);
    return await this.importKey("raw", bytes, algorithm, false, usages);
  };
}

test("sealed: after a restart of the browser the user is still signed in, without a dialog; after a sign-out the profile holds no key and no token", async () => {
  const profile = await mkdtemp(join(tmpdir(), "authframe-profile-"));
  folders.push(profile);
  const namespace = "restart";
  const client = "restart";

  let lab = await launch({ profile });
  const { port } = lab.server;
  const [first] = await tabsWithTokens(lab, 1, { client, namespace, prepare: revealKeys });
  const tokens = await tokensFor(lab, client);
  await signInWith(first.where, tokens);
  await widgetSees(first.where, "authorized", "ada");
  await until(first.where, (key) => localStorage.getItem(key), `${namespace}.authframe`);
  const keys = await first.where.evaluate(() => window.keys);
  assert.equal(keys.length, 1);
  await lab.close();
  const secrets = [tokens.access_token, tokens.refresh_token];
  assert.deepEqual(await filesWith(profile, secrets), [], "the tokens stand nowhere in clear");
  assert.ok((await filesWith(profile, keys)).length > 0, "the key is in the profile: the scan sees what is there");

  lab = await launch({ profile, port });
  const [second] = await tabsWithTokens(lab, 1, { client, namespace });
  await widgetSees(second.where, "authorized", "ada");
  assert.equal(await second.where.evaluate(() => bridge.accessToken({ minValidity: 0 })), tokens.access_token);
  assert.deepEqual(await second.where.evaluate(() => [calls, sessions.map(({ status, reason }) => `${status} ${reason}`)]), [
    [],
    ["authorizing restore", "authorized restore"],
  ]);
  await second.where.evaluate(() => bridge.signOut());
  await allSee([second], "unauthorized", null);
  await lab.quiet();
  await lab.close();
  assert.deepEqual(await filesWith(profile, [...secrets, ...keys]), []);

  lab = await launch({ profile, port });
  const [third] = await tabsWithTokens(lab, 1, { client, namespace });
  await allSee([third], "unauthorized", null);
  assert.deepEqual(await third.where.evaluate(() => calls), []);
  await lab.close();
}, 120_000);

// docs/dialects/ethora-backend.md: its Python and PHP make the tokens of the vectors, and its table names the requests of the recording.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ethoraBackend } from "../../dist/ethora-backend.js";
import { missing } from "../required.mjs";
import { root, vectors } from "./compile.mjs";

const page = readFileSync(path.join(root, "docs/dialects/ethora-backend.md"), "utf8");
const { secret, appId, tokens } = vectors("ethora/tokens");
const file = fileURLToPath(new URL("../vectors/ethora/tokens.json", import.meta.url));

/** The blocks of a language on the page, as one program. */
const codeOf = (language) => [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code]) => code).join("\n");

/** What is run after the page's lines: a token for each of the vectors, one a line, and then the two that the page makes itself. */
const LANGUAGES = {
  Python: {
    tool: "python3",
    programs: [process.env.PYTHON_PATH, "python3"],
    name: "tokens.py",
    code: `${codeOf("python")}
for vector in json.load(open(${JSON.stringify(file)}, encoding="utf-8"))["tokens"]:
    purpose = {"nested": "client", "server": "server"}.get(vector["kind"])
    print(ethora_token(json.loads(vector["payload"]), ethora_key(secret, purpose) if purpose else secret))
print(for_the_page, for_requests, sep="\\n")
`,
  },
  PHP: {
    tool: "php",
    programs: [process.env.PHP_PATH, "php"],
    name: "tokens.php",
    code: `<?php
${codeOf("php")}
foreach (json_decode(file_get_contents(${JSON.stringify(file)}), true)['tokens'] as $vector) {
    $purpose = ['nested' => 'client', 'server' => 'server'][$vector['kind']] ?? null;
    echo ethora_token(json_decode($vector['payload'], true), $purpose ? ethora_key($secret, $purpose) : $secret), "\\n";
}
echo $for_the_page, "\\n", $for_requests, "\\n";
`,
  },
};

const isThere = (program) => program && spawnSync(program, ["--version"]).status === 0;

for (const [language, { tool, programs, name, code }] of Object.entries(LANGUAGES)) {
  test(`E12: the page's ${language} makes each token of the vectors, byte for byte`, async (context) => {
    const program = programs.find(isThere);
    if (!program) return missing(context, tool, `there is no ${language} here: looked for ${programs.filter(Boolean).join(", ")}`);
    const folder = mkdtempSync(path.join(tmpdir(), "authframe-language-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(path.join(folder, name), code);
    const env = { ...process.env, ETHORA_CHAT_APP_ID: appId, ETHORA_CHAT_APP_SECRET: secret };
    const { stdout, stderr } = spawnSync(program, [path.join(folder, name)], { env, encoding: "utf8" });
    assert.equal(stderr, "");
    const made = stdout.trim().split("\n");
    assert.deepEqual(
      made.slice(0, -2),
      tokens.map(({ token }) => token),
    );
    const ethora = await ethoraBackend({ appId, appSecret: secret });
    const [forThePage, forRequests] = made.slice(-2).map((token) => ethora.verifyToken(token));
    assert.deepEqual([forThePage.type, forThePage.userId, forThePage.key], ["client", "u-17", "derived"]);
    assert.equal(forThePage.expiresAt - forThePage.issuedAt, 300);
    assert.deepEqual([forRequests.type, forRequests.tenantId, forRequests.key], ["server", null, "derived"]);
  });
}

test("E12: the page's lines are about ten a language", () => {
  for (const language of ["python", "php"]) {
    const lines = codeOf(language)
      .split("\n")
      .filter((line) => line.trim() !== "");
    assert.ok(lines.length > 8 && lines.length <= 16, `${language}: ${lines.length}`);
  }
});

test("E8: the page's table has every method of the SDK, with the request that it sends", () => {
  const { methods, requests } = vectors("ethora/requests");
  const rows = [...page.matchAll(/^\| `(\w+)` +\|.*\| `([A-Z]+) (\S+)` +\|$/gm)].map(([, sdk, method, address]) => ({
    sdk,
    method,
    address,
  }));
  assert.deepEqual(rows.map(({ sdk }) => sdk).sort(), [...methods].sort());
  const pattern = (address) => new RegExp(`^${address.replace("{appId}", "(123|child)").replace(/\{\w+\}/g, "[^/]+")}$`);
  for (const { sdk, method, address } of rows) {
    for (const request of requests.filter((request) => request.sdk === sdk)) {
      assert.equal(request.method, method, sdk);
      assert.match(request.path.split("?")[0], pattern(address), sdk);
    }
  }
});

/** W8: what is written from the vendor's guide compiles as it stands, and runs in a browser. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { test } from "./browser.mjs";
import { fresh, phone, provider, session, signIn, status } from "./webex-phones.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const GUIDE = path.join(root, "tests/e2e/guides/webex.ts");

test("W8: the guide's snippets compile, as strictly as an application may want it", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "authframe-guide-"));
  try {
    for (const more of [{ module: "esnext", moduleResolution: "bundler", exactOptionalPropertyTypes: true }, { module: "nodenext" }]) {
      const compilerOptions = {
        target: "es2022",
        lib: ["es2022", "dom", "dom.iterable"],
        types: [],
        strict: true,
        noEmit: true,
        paths: { "authframe/webex": [path.join(root, "dist/webex/index.d.ts")] },
        ...more,
      };
      writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [GUIDE] }));
      const tsc = path.join(root, "node_modules/typescript/bin/tsc");
      // What it finds wrong is on its output, and the error has it.
      execFileSync(process.execPath, [tsc, "--project", folder], { encoding: "utf8", stdio: "pipe" });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("W8: and run", async () => {
  const at = fresh({ keepaliveInterval: 30 });
  await provider();
  const one = await phone(at, { register: "no" });
  await signIn(one);
  await session(one.widget, "authorized");
  // It imports types alone.
  const { code } = transformSync(readFileSync(GUIDE, "utf8"), { loader: "ts", target: "es2022" });
  assert.doesNotMatch(code, /^import/m);
  const run = (name) => one.widget.evaluate(`(() => { ${code.replace(/^export /gm, "")}; return ${name}(webex); })()`);
  assert.deepEqual(await run("guide"), [
    "connecting",
    {
      lineId: true,
      mobiusDeviceId: 36,
      phoneNumber: "+1 202 555 0117",
      extension: "17",
      status: "active",
      sipAddresses: ["sip:ada@calling.example"],
      voicemail: undefined,
      lastSeen: "string",
      keepaliveInterval: 30,
      callKeepaliveInterval: 10,
      rehomingIntervalMin: 60,
      rehomingIntervalMax: 120,
      voicePortalNumber: 5550100,
      voicePortalExtension: 100,
    },
    ["unregistered", "inactive"],
    "IDLE",
  ]);
  at.registrar.fail({ path: "/device", status: 404 });
  assert.deepEqual(await run("guideOfErrors"), { status: "inactive", type: "registrationError", msg: "Device not found." });
  await status(one.widget, "inactive");
});

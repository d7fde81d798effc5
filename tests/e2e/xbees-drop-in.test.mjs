/** x-bees: what an integration finds that changes its import and nothing else, and the options beside that. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { throttlingHost, xbeesHost } from "./xbees-host.mjs";

const lab = browserForThisFile();
const { hostPage, said, saysTypes, postToWidget, clientFrame } = xbeesHost(lab);

const throttling = async () => {
  const page = await lab.lab("host");
  await page.evaluate(throttlingHost);
  return page;
};
/** A frame of the integration with nothing in it yet. */
const blank = async (page, path = "/lab?iframeId=1", options = {}) => {
  const frame = await addFrame(page, lab, lab.url("widget", path), options);
  await until(frame, () => window.labReady);
  return frame;
};
/** Makes the client in it. `answer` of ready comes from a host that answers. */
const start = (frame, options = {}) =>
  frame.evaluate(
    async ([host, options]) => {
      const { default: Client } = await window.load("authframe/xbees");
      window.client = Client.getInstance({ hosts: [host], ...options });
      window.bridge = await window.client.bridge;
    },
    [lab.origin("host"), options],
  );

test("X4: the class is the default export and a named one, beside the vendor's other names", async () => {
  const page = await lab.lab("widget");
  const names = await page.evaluate(async () => {
    const module = await window.load("authframe/xbees");
    return [
      module.default === module.Client,
      module.StartPage.CREATE_CONTACT,
      module.EventType.GET_LOOK_UP_AND_MATCH,
      module.ClientEventType.CONTACT_LOOKUP_AND_MATCH,
      module.xBeesConnect() === module.Client.getInstance(),
      new module.xBeesConnect() === module.Client.getInstance(),
    ];
  });
  assert.deepEqual(names, [true, "CREATE_CONTACT", "xBeesGetLookUpAndMatch", "xBeesContactLookupAndMatch", true, true]);
});

test("X5: lookups are asked and answered in the words of the vendor's host; a word that it does not know it refuses at once", async () => {
  const page = await throttling();
  const frame = await clientFrame(page, lab.freshNamespace(), "daemon");
  const refused = await frame.evaluate(async () => {
    window.unhandled = [];
    addEventListener("unhandledrejection", (event) => window.unhandled.push(event.reason));
    client.onLookupAndMatchContact(({ phone }, resolve, reject) =>
      phone === "+1" ? resolve({ id: "1", name: "Emmy", phone }) : reject("unknown"),
    );
    await client.ready();
    // No caller waits for this one.
    void client.createContactIsSupported();
    const begun = performance.now();
    const answer = await client.showToast("Saved").catch((error) => error);
    return [answer, performance.now() - begun < 5000];
  });
  assert.deepEqual(refused, [{ type: "xBeesToast", errorMessage: "command xBeesToast not supported" }, true]);
  for (const phone of ["+1", "+2"]) await postToWidget(page, { type: "xBeesGetLookUpAndMatch", payload: { phone } });
  await until(page, () => window.typesOf(0).filter((type) => type === "xBeesContactLookupAndMatch").length === 2);
  assert.deepEqual(
    await page.evaluate(() => window.received.filter(({ type }) => type === "xBeesContactLookupAndMatch").map(({ payload }) => payload)),
    [
      { contact: { id: "1", name: "Emmy", phone: "+1" }, query: { phone: "+1" } },
      { contact: null, query: { phone: "+2" } },
    ],
  );
  assert.deepEqual(await frame.evaluate(() => window.unhandled), []);
});

test("X5: a callback that fails or answers twice: the host gets one answer", async () => {
  const page = await throttling();
  const frame = await clientFrame(page, lab.freshNamespace(), "daemon");
  await frame.evaluate(async () => {
    client.onLookupAndMatchContact(async () => {
      throw new Error("the server is down");
    });
    client.onSuggestContacts(async (query, resolve, reject) => {
      resolve([{ id: "1", name: "Emmy", phone: "+1" }]);
      resolve([]);
      reject("late");
    });
    await client.ready();
  });
  await postToWidget(page, { type: "xBeesGetLookUpAndMatch", payload: { phone: "+1" } });
  await postToWidget(page, { type: "xBeesGetContactsAutoSuggest", payload: "em" });
  await until(page, () => window.typesOf(0).length >= 3);
  await lab.quiet();
  assert.deepEqual(await page.evaluate(() => window.received.slice(1).map(({ type, payload }) => [type, payload])), [
    ["xBeesContactLookupAndMatch", { contact: null, query: { phone: "+1" } }],
    ["xBeesContactsAutoSuggest", { contacts: [{ id: "1", name: "Emmy", phone: "+1" }], query: "em" }],
  ]);
});

test("X6: the version that the host offers features by is an option; before 1.0.10 ready has no payload", async () => {
  const page = await hostPage();
  for (const [place, version, payload] of [
    [0, "1.3.5", '"payload":{"version":"1.3.5"},'],
    [1, "1.0.1", ""],
    [2, "1.0.10-beta.0", '"payload":{"version":"1.0.10-beta.0"},'],
  ]) {
    const frame = await blank(page);
    await start(frame, { version, namespace: lab.freshNamespace() });
    assert.equal(await frame.evaluate(() => (void client.ready().catch(() => {}), client.version())), version);
    await until(page, (place) => window.saidBy(place).length > 0, place);
    assert.equal(
      await page.evaluate((place) => JSON.stringify(window.saidBy(place)[0]), place),
      `{"type":"xBeesReady",${payload}"iframeId":"1"}`,
    );
  }
});

test("an option that is not known is named, and so is a word", async () => {
  const page = await lab.lab("widget");
  for (const [options, text] of [
    [{ host: ["https://a.example"] }, 'the client has no option "host": it has hosts, native'],
    [{ hosts: "https://a.example" }, 'hosts is "https://a.example": give a list'],
    [7, "the options are 7: give an object"],
    [{ words: { lookUp: "x" } }, 'words has no "lookUp": it has suggestAnswer, lookup'],
    [{ words: { lookup: 7 } }, "words.lookup is 7: give a text of 1 to 64 characters"],
    [{ words: { lookup: "" } }, 'words.lookup is "": give a text of 1 to 64 characters'],
    [{ words: null }, "words is null: give an object of texts"],
  ]) {
    const { code, message } = await page.evaluate(async (options) => {
      const { Client } = await window.load("authframe/xbees");
      try {
        return Client.getInstance(options);
      } catch (error) {
        return { code: error.code, message: error.message };
      }
    }, options);
    assert.equal(code, "CONFIG_INVALID");
    assert.ok(message.includes(text), message);
  }
});

test("X8: integrations of one origin do not share the sign-in: their paths set them apart; the instances of one do", async () => {
  const page = await throttling();
  const crm = await blank(page, "/lab?iframeId=1");
  const desk = await blank(page, "/frame-src/any/lab?iframeId=2");
  const other = await blank(page, "/lab?iframeId=3");
  for (const frame of [crm, desk, other]) {
    await start(frame);
    await frame.evaluate(() => client.ready());
  }
  await crm.evaluate(() => client.isAuthorized());
  await until(page, () => window.active[2] === true);
  await until(page, () => window.active[1] === false);
  assert.deepEqual(await page.evaluate(() => window.statusesOf(1)), ["xBeesNotAuthorized"]);
  assert.deepEqual(await crm.evaluate(() => Object.keys(localStorage).filter((key) => key.endsWith(".authframe"))), [
    "xbees.lab.authframe",
  ]);
  await crm.evaluate(() => client.signOut());
  await until(page, () => window.active[2] === false);
});

test("X9 X13: in a sandbox without an origin: an option; storage that is refused lives in memory, and environment() says so", async () => {
  const page = await throttling();
  const frame = await blank(page, "/lab?iframeId=1", { sandbox: "allow-scripts" });
  const code = await frame.evaluate(async (host) => {
    const { Client } = await window.load("authframe/xbees");
    return Client.getInstance({ hosts: [host] })
      .ready()
      .catch((error) => error.code);
  }, lab.origin("host"));
  assert.equal(code, "OPAQUE_ORIGIN");

  const opted = await blank(page, "/lab?iframeId=2", { sandbox: "allow-scripts" });
  await opted.evaluate(() => {
    window.errors = 0;
    addEventListener("error", () => (window.errors += 1));
  });
  await start(opted, { allowOpaqueOrigin: true });
  const seen = await opted.evaluate(async () => {
    await client.ready();
    client.saveToStorage("user", { name: "Ada" });
    client.saveToStorage("draft", "hello");
    client.deleteFromStorage("draft");
    await client.isAuthorized();
    return [
      client.getFromStorage("user"),
      client.getFromStorage("draft"),
      client.getFromStorage("missing"),
      bridge.environment().storage,
      window.errors,
    ];
  });
  assert.deepEqual(seen, [{ name: "Ada" }, null, null, "memory", 0]);
  assert.equal(await page.evaluate(() => window.active[1]), true);
});

test("X9: a storage that is full: the value lives in memory until another instance writes it", async () => {
  const page = await hostPage();
  const namespace = lab.freshNamespace();
  const [a, b] = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
  const key = `full-${namespace}`;
  await a.evaluate((key) => {
    window.errors = 0;
    addEventListener("error", () => (window.errors += 1));
    client.saveToStorage(key, "small");
    client.saveToStorage(key, "x".repeat(20_000_000));
  }, key);
  assert.deepEqual(await a.evaluate((key) => [client.getFromStorage(key).length, localStorage.getItem(key), window.errors], key), [
    20_000_000,
    "small",
    0,
  ]);
  await b.evaluate((key) => client.saveToStorage(key, "newer"), key);
  await until(a, (key) => client.getFromStorage(key) === "newer", key);
  await b.evaluate((key) => client.deleteFromStorage(key), key);
});

test("X10: in a sign-in window without a host the client is there: what it stores reaches the frames of its site, and a request says why not", async () => {
  const page = await lab.lab("widget");
  const key = lab.freshNamespace();
  const outcome = await page.evaluate(async (key) => {
    const { default: Client } = await window.load("authframe/xbees");
    let started = 0;
    Client.initialize(() => (started += 1));
    const client = Client.getInstance();
    client.saveToStorage(key, { token: "t" });
    client.onLogout(() => {});
    const stop = client.onStorage(() => {});
    stop();
    return [
      started,
      client.getFromStorage(key),
      await client.isAuthorized().catch((error) => error),
      await client.bridge.catch((error) => error),
    ];
  }, key);
  const text = "xBeesConnect should be wrapped within iframe to perform the connection";
  assert.deepEqual(outcome, [1, { token: "t" }, text, text]);
  await page.evaluate((key) => localStorage.removeItem(key), key);
});

test("X11: a text of digits comes back as the text that it is", async () => {
  const page = await lab.lab("widget");
  const key = lab.freshNamespace();
  const [text, missing, object] = await page.evaluate(async (key) => {
    const { default: Client } = await window.load("authframe/xbees");
    const client = Client.getInstance();
    client.saveToStorage(key, "12345678901234567890");
    const text = client.getTextFromStorage(key);
    client.saveToStorage(key, { a: 1 });
    const object = client.getTextFromStorage(key);
    client.deleteFromStorage(key);
    return [text, client.getTextFromStorage(key), object];
  }, key);
  assert.deepEqual([text, missing, object], ["12345678901234567890", null, '{"a":1}']);
});

test("X12: a host of the first years that answers on the window: the request gets it, by its type", async () => {
  const page = await lab.lab("host");
  await page.evaluate((origin) => {
    window.types = [];
    addEventListener("message", ({ data, source }) => {
      window.types.push(data.type);
      const error = data.type === "xBeesStartCall" ? { errorMessage: "busy" } : {};
      source.postMessage({ type: data.type, payload: `of ${data.type}`, ...error }, origin);
    });
  }, lab.origin("widget"));
  const frame = await blank(page);
  await start(frame, { namespace: lab.freshNamespace(), version: "1.0.1" });
  const outcome = await frame.evaluate(async () => [
    await client.ready(),
    await client.isNotAuthorized(),
    await client.getContext(),
    await client.startCall("+1").catch((error) => error),
    bridge.connection,
  ]);
  const answer = (type) => ({ type, payload: `of ${type}` });
  assert.deepEqual(outcome, [
    answer("xBeesReady"),
    answer("xBeesNotAuthorized"),
    answer("xBeesContext"),
    { ...answer("xBeesStartCall"), errorMessage: "busy" },
    "connected",
  ]);
  assert.deepEqual(await page.evaluate(() => window.types), ["xBeesReady", "xBeesNotAuthorized", "xBeesContext", "xBeesStartCall"]);
});

test("X12: searches on the wires of 1.0 and 1.0.13 to 1.1.2, by the calls of those years", async () => {
  const page = await hostPage();
  const frame = await clientFrame(page, lab.freshNamespace(), "daemon");
  await frame.evaluate(() => {
    window.logged = [];
    console.error = (...texts) => window.logged.push(texts.join(" "));
    const item = (id, name) => client.SearchResultItemBuilder().id(id).name(name).picture("p.png");
    client.onSearchContacts((query) => {
      client
        .getSearchResponseCreator()
        .prepareResponse([item("1", query).phone("+1").create(), item("2", "without an address").create()])
        .sendResponse();
      void client.getSearchResult([{ id: "3", name: query, email: "a@b.c" }]).catch(() => {});
    });
    client.onSuggestContacts((query, resolve) => resolve([{ id: "4", name: query, phone: "+4" }]));
    void client.ready().catch(() => {});
  });
  await saysTypes(page, 0, ["xBeesReady"]);
  await postToWidget(page, { type: "xBeesGetSearchResult", payload: "emmy" });
  await postToWidget(page, { type: "xBeesGetContactsAutosuggest", payload: "emmy" });
  await until(page, () => window.saidBy(0).filter(({ type }) => /Result|suggest/.test(type)).length === 3);
  const found = JSON.parse(await said(page, 0)).filter(({ type }) => /Result|suggest/.test(type));
  assert.deepEqual(
    found.map(({ type, payload }) => [type, payload]),
    [
      ["xBeesSearchResult", { 0: { id: "1", name: "emmy", phone: "+1" } }],
      ["xBeesSearchResult", { 0: { id: "3", name: "emmy", email: "a@b.c" } }],
      ["xBeesContactsAutosuggest", { contacts: { 0: { id: "4", name: "emmy", phone: "+4" } }, query: "emmy" }],
    ],
  );
  assert.equal((await frame.evaluate(() => window.logged)).length, 1);
});

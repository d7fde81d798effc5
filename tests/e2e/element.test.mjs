/** `<authframe-widget>` in real pages: page caches that copy the document, frameworks that set properties, and a strict Content-Security-Policy. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { until, widgetSees } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";

const lab = browserForThisFile();
const ADA = { account: { subject: "ada", name: "Ada" } };
const GRACE = { account: { subject: "grace", name: "Grace" } };

const widgetAt = (query = {}) =>
  lab.url("widget", `/?${new URLSearchParams({ namespace: lab.freshNamespace(), acquire: "none", ...query })}`);
const widgets = (page) => page.frames().filter((frame) => frame.url().startsWith(lab.origin("widget")));

/** A blank host page with the element at hand, if it is to be. Its events pile up in `events`, its errors by their codes. */
async function stage({ define = true } = {}) {
  const page = await lab.lab("host");
  await page.evaluate(async (define) => {
    window.events = [];
    window.stage = document.getElementById("stage");
    window.watched = (element) => {
      for (const type of ["session", "connection", "error"])
        element.addEventListener(type, ({ detail }) => window.events.push([type, detail.code ?? detail.status ?? detail]));
      return element;
    };
    if (define) await window.load("authframe/host/element");
  }, define);
  return page;
}

/** An element with these attributes in the stage, as `element`. */
const place = (page, attributes) =>
  page.evaluate((attributes) => {
    window.element = window.watched(document.createElement("authframe-widget"));
    for (const [name, value] of Object.entries(attributes)) window.element.setAttribute(name, value);
    window.stage.append(window.element);
  }, attributes);

/** The frame of the only widget that is left, connected. */
async function connected(page) {
  await until(page, async () => (await document.querySelector("authframe-widget").widget).connection === "connected");
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.bridge?.connection === "connected");
  assert.equal(widgets(page).length, 1, "one widget in the page");
  return frame;
}
/** The last session that the element has emitted. */
const hears = (page, status) => until(page, (status) => window.events.findLast(([type]) => type === "session")?.[1] === status, status);
const inside = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("authframe-widget")].map(({ shadowRoot, children }) => [
      shadowRoot.querySelectorAll("iframe").length,
      children.length,
    ]),
  );

test("C20: a page cache that keeps a clone of the document, or its text, brings one frame back, visit after visit", async () => {
  const page = await stage();
  await place(page, { src: widgetAt(), title: "Chat" });
  await connected(page);
  for (const copy of ["clone", "text", "clone", "text"]) {
    // Copied while it is shown, another page is shown, and the copy is put back.
    await page.evaluate(async (copy) => {
      const main = document.querySelector("main");
      const kept = copy === "clone" ? main.cloneNode(true) : main.outerHTML;
      const other = document.createElement("main");
      main.replaceWith(other);
      await new Promise((done) => setTimeout(done));
      if (typeof kept !== "string") return other.replaceWith(kept);
      // As the parser of such a cache makes it: in a document of its own. By hand, because this page's policy lets no script parse text.
      const foreign = document.implementation.createHTMLDocument();
      const parsed = foreign.createElement("main");
      const element = parsed.appendChild(foreign.createElement("authframe-widget"));
      const [, attributes, inner] = /<authframe-widget([^>]*)>(.*)<\/authframe-widget>/s.exec(kept);
      if (inner) throw new Error(`copied along: ${inner}`);
      for (const [, name, value] of attributes.matchAll(/ (\w+)="([^"]*)"/g)) element.setAttribute(name, value.replaceAll("&amp;", "&"));
      other.replaceWith(document.adoptNode(parsed));
    }, copy);
    await connected(page);
    assert.deepEqual(await inside(page), [[1, 0]], copy);
  }
  // Copied and shown beside the first: each has its own, none has two.
  await page.evaluate(() => document.querySelector("authframe-widget").after(document.querySelector("authframe-widget").cloneNode(true)));
  await until(page, () => [...document.querySelectorAll("authframe-widget")].every(({ shadowRoot }) => shadowRoot.querySelector("iframe")));
  assert.deepEqual(await inside(page), [
    [1, 0],
    [1, 0],
  ]);
});

test("it embeds while it is in the document, anew when it is moved or an option changes, and leaves nothing behind", async () => {
  const page = await stage();
  // Without a src it waits for one.
  await place(page, { title: "Chat", sandbox: "allow-scripts allow-same-origin" });
  const before = await page.evaluate(() => window.__e2e.live());
  const src = widgetAt();
  const outcome = await page.evaluate(async (src) => {
    const before = window.element.shadowRoot.querySelector("iframe");
    window.element.setAttribute("src", src);
    const first = await window.element.widget;
    const { title } = first.frame;
    const sandbox = first.frame.getAttribute("sandbox");
    window.element.title = "Support";
    const renamed = [first.frame.title, (await window.element.widget) === first];
    window.first = first;
    return { before, connection: first.connection, title, sandbox, renamed };
  }, src);
  assert.deepEqual(outcome, {
    before: null,
    connection: "connected",
    title: "Chat",
    sandbox: "allow-scripts allow-same-origin",
    renamed: ["Support", true],
  });
  assert.deepEqual(await page.evaluate(() => window.events.slice(0, 2)), [
    ["session", "unauthorized"],
    ["connection", "connected"],
  ]);

  // Moved: taken out and put in again.
  await page.evaluate(async () => {
    window.stage.append(window.element);
    window.was = window.first.connection;
    window.second = await window.element.widget;
  });
  assert.deepEqual(await page.evaluate(() => [window.was, window.second !== window.first, window.second.connection]), [
    "closed",
    true,
    "connected",
  ]);

  // Several at once are one change.
  const other = widgetAt();
  const frames = await page.evaluate(async (other) => {
    let made = 0;
    const observer = new MutationObserver(
      (records) => (made += records.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ localName }) => localName === "iframe").length),
    );
    observer.observe(window.element.shadowRoot, { childList: true, subtree: true });
    window.element.src = other;
    window.element.origin = new URL(other).origin;
    window.element.timeout = 20_000;
    await new Promise((done) => setTimeout(done));
    const third = await window.element.widget;
    observer.disconnect();
    return [made, third.frame.src === other, window.second.connection];
  }, other);
  assert.deepEqual(frames, [1, true, "closed"]);

  // A src that is none, a timeout that is none.
  for (const [name, value, code] of [
    ["src", "javascript:alert(1)", "CONFIG_ORIGIN_INVALID"],
    ["src", src, null],
    ["timeout", "soon", "CONFIG_INVALID"],
  ]) {
    const found = await page.evaluate(
      async ([name, value]) => {
        window.events.length = 0;
        window.element[name] = value;
        await new Promise((done) => setTimeout(done));
        const code = await window.element.widget.then(
          () => null,
          (error) => error.code,
        );
        return [code, window.events.filter(([type]) => type === "error").map(([, code]) => code)];
      },
      [name, value],
    );
    assert.deepEqual(found, [code, code ? [code] : []]);
  }
  await page.evaluate(() => window.element.remove());
  assert.equal(await page.evaluate(() => window.element.shadowRoot.querySelector("iframe")), null);
  await lab.quiet();
  assert.deepEqual(await page.evaluate(() => window.__e2e.live()), before);
});

test("moveBefore keeps the widget alive", async () => {
  const page = await stage();
  await place(page, { src: widgetAt() });
  await connected(page);
  assert.equal(
    await page.evaluate(async () => {
      const before = await window.element.widget;
      const place = document.body.appendChild(document.createElement("section"));
      place.moveBefore(window.element, null);
      await new Promise((done) => setTimeout(done));
      return (await window.element.widget) === before && before.connection === "connected";
    }),
    true,
  );
});

test("C21: properties and attributes are one: each reflects, null and undefined take it away", async () => {
  const page = await stage();
  const seen = await page.evaluate(() => {
    const element = document.createElement("authframe-widget");
    const names = ["src", "origin", "allow", "sandbox", "channel", "title"];
    const before = names.map((name) => element[name]);
    for (const name of names) element[name] = `a ${name}`;
    element.timeout = 7000;
    element.src = new URL("https://chat.example/widget");
    const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
    const read = [...names.map((name) => element[name]), element.timeout];
    for (const [place, name] of [...names.slice(0, -1), "timeout"].entries()) element[name] = place % 2 ? null : undefined;
    return { before, attributes, read, left: element.getAttributeNames(), after: [element.src, element.timeout] };
  });
  assert.deepEqual(seen.before, ["", "", "", "", "", ""]);
  assert.deepEqual(seen.attributes, {
    src: "https://chat.example/widget",
    origin: "a origin",
    allow: "a allow",
    sandbox: "a sandbox",
    channel: "a channel",
    title: "a title",
    timeout: "7000",
  });
  assert.deepEqual(seen.read, ["https://chat.example/widget", "a origin", "a allow", "a sandbox", "a channel", "a title", 7000]);
  assert.deepEqual([seen.left, seen.after], [["title"], ["", null]]);
});

test("C21: an identity is kept until there is a connection, a later one takes effect, null and undefined sign out", async () => {
  const page = await stage();
  await page.evaluate(
    ([src, identity]) => {
      window.element = window.watched(document.createElement("authframe-widget"));
      window.stage.append(window.element);
      window.element.identity = identity;
      window.element.src = src;
    },
    [widgetAt(), ADA],
  );
  const frame = await connected(page);
  await widgetSees(frame, "authorized", "ada");
  const become = (identity) => page.evaluate((identity) => (window.element.identity = identity), identity);
  await become(GRACE);
  await widgetSees(frame, "authorized", "grace");
  await become(null);
  await widgetSees(frame, "unauthorized");
  await become(ADA);
  await widgetSees(frame, "authorized", "ada");
  await become(undefined);
  await widgetSees(frame, "unauthorized");
  await become(ADA);
  await widgetSees(frame, "authorized", "ada");

  // What is no identity is said, and no user is signed out by it.
  await become({ account: "" });
  await until(page, () => window.events.some(([type, code]) => type === "error" && code === "ACCOUNT_INVALID"));
  assert.equal(await frame.evaluate(() => window.bridge.session.account.subject), "ada");
});

test("C21: a page that has named nobody signs nobody out; one that says null does, also before the connection", async () => {
  const page = await stage();
  const src = widgetAt();
  await place(page, { src });
  const first = await connected(page);
  await first.evaluate(() => window.bridge.authorize({ account: "ada" }));
  await hears(page, "authorized");
  const again = async (identity) => {
    await page.evaluate((set) => {
      window.element.remove();
      if (set) window.element.identity = set === "null" ? null : undefined;
      window.stage.append(window.element);
    }, identity);
    return connected(page);
  };
  const stays = async (frame) => {
    await widgetSees(frame, "authorized");
    // What the page has to say has arrived by then.
    await lab.quiet();
    assert.equal(await frame.evaluate(() => window.bridge.session.status), "authorized");
  };
  await stays(await again("undefined"));
  // The second time no user is signed in over there, so that nothing comes back but that it was taken.
  for (const _ of [1, 2]) await widgetSees(await again("null"), "unauthorized");
  // It was said once: a user who signs in over there later stays so when the element is moved.
  const moved = await again();
  await moved.evaluate(() => window.bridge.authorize({ account: "grace" }));
  await stays(await again());
});

test("who has signed out in the widget is not signed in again when the element is moved", async () => {
  const page = await stage();
  await page.evaluate(
    ([src, identity]) => {
      window.element = window.watched(document.createElement("authframe-widget"));
      Object.assign(window.element, { src, identity });
      window.stage.append(window.element);
    },
    [widgetAt(), ADA],
  );
  await widgetSees(await connected(page), "authorized", "ada");
  // Moved while signed in: said again.
  await page.evaluate(() => window.stage.append(window.element));
  const frame = await connected(page);
  await widgetSees(frame, "authorized", "ada");
  await hears(page, "authorized");
  await frame.evaluate(() => window.bridge.signOut());
  await hears(page, "unauthorized");
  await page.evaluate(() => window.stage.append(window.element));
  const after = await connected(page);
  await lab.quiet();
  assert.equal(await after.evaluate(() => window.bridge.session.status), "unauthorized");
});

test("C21: what was set before the element was defined is taken over", async () => {
  const page = await stage({ define: false });
  await page.evaluate(
    ([src, identity]) => {
      window.element = document.createElement("authframe-widget");
      Object.assign(window.element, { src: new URL(src), identity, timeout: 20_000, title: "Chat", onSignInRequest: () => null });
      window.stage.append(window.element);
    },
    [widgetAt(), ADA],
  );
  await page.evaluate(() => window.load("authframe/host/element"));
  const frame = await connected(page);
  await widgetSees(frame, "authorized", "ada");
  assert.deepEqual(
    await page.evaluate(() => [
      Object.keys(window.element),
      window.element.timeout,
      window.element.getAttribute("timeout"),
      typeof window.element.onSignInRequest,
    ]),
    [[], 20_000, "20000", "function"],
  );
  assert.equal(await page.evaluate(async () => (await window.element.widget).frame.title), "Chat");
});

test("the page sizes the element as it would an iframe, and the frame by its part; a strict policy has nothing against it", async () => {
  const page = await stage();
  await place(page, { src: widgetAt() });
  await connected(page);
  const box = () =>
    page.evaluate(() => {
      const [element, frame] = [window.element, window.element.shadowRoot.querySelector("iframe")].map((node) =>
        node.getBoundingClientRect(),
      );
      return [element.width, element.height, frame.width, frame.height];
    });
  assert.deepEqual(await box(), [300, 150, 300, 150]);
  const rules = (text) =>
    page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, text);
  await rules("authframe-widget { display: block; width: 500px; height: 400px }");
  assert.deepEqual(await box(), [500, 400, 500, 400]);
  await rules(
    "authframe-widget { display: block; width: 500px; height: 400px } authframe-widget::part(frame) { height: 50%; border: 10px solid; box-sizing: border-box }",
  );
  assert.deepEqual(await box(), [500, 400, 500, 200]);
  await rules("");
  await page.evaluate(() => (window.element.hidden = true));
  assert.deepEqual(await box(), [0, 0, 0, 0]);
});

const bundled = (() => {
  let text;
  return () =>
    (text ??= build({
      stdin: {
        resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
        loader: "jsx",
        contents: `
        import "authframe/host/element";
        import { useState, version } from "react";
        import { flushSync } from "react-dom";
        import { createRoot } from "react-dom/client";
        export { flushSync, version };
        export function show(container, props) {
          function App() {
            const [shown, setShown] = useState(props);
            window.change = (next) => flushSync(() => setShown((before) => ({ ...before, ...next })));
            return <authframe-widget {...shown} />;
          }
          const root = createRoot(container);
          flushSync(() => root.render(<App />));
          return root;
        }`,
      },
      bundle: true,
      write: false,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      external: ["authframe/*"],
      define: { "process.env.NODE_ENV": '"production"' },
    }).then(({ outputFiles }) => outputFiles[0].text));
})();

async function reactStage() {
  const page = await stage({ define: false });
  const body = await bundled();
  await page.route("**/element-react.js", (route) => route.fulfill({ body, contentType: "text/javascript" }));
  await page.evaluate(async () => (window.react = await window.load("/element-react.js")));
  return page;
}

test("C21: React 19 sets properties, hears the events, answers the widget's question, and a later identity takes effect", async () => {
  const page = await reactStage();
  assert.match(await page.evaluate(() => window.react.version), /^19\./);
  await page.evaluate(
    ([src, ada]) => {
      window.asked = [];
      window.root = window.react.show(window.stage, {
        src: new URL(src),
        title: "Chat",
        timeout: 20_000,
        identity: ada,
        onSignInRequest: () => (window.asked.push("first"), null),
        onsession: ({ detail }) => window.events.push(["session", detail.status]),
        onconnection: ({ detail }) => window.events.push(["connection", detail]),
        onerror: ({ detail }) => window.events.push(["error", detail.code]),
      });
    },
    [widgetAt(), ADA],
  );
  const frame = await connected(page);
  await widgetSees(frame, "authorized", "ada");
  const element = await page.evaluate(() => {
    const element = document.querySelector("authframe-widget");
    return { attributes: element.getAttributeNames().sort(), timeout: element.timeout, subject: element.identity.account.subject };
  });
  assert.deepEqual(element, { attributes: ["src", "timeout", "title"], timeout: 20_000, subject: "ada" });
  const first = await page.evaluateHandle(() => document.querySelector("authframe-widget").widget);

  await page.evaluate((grace) => window.change({ identity: grace }), GRACE);
  await widgetSees(frame, "authorized", "grace");
  await page.evaluate(() => window.change({ identity: null }));
  await widgetSees(frame, "unauthorized");

  // Another function at each rendering, as React's are: the newest is asked, and nothing is embedded anew.
  assert.equal(await frame.evaluate(() => window.bridge.requestSignIn().catch((error) => error.code)), false);
  await page.evaluate((ada) => window.change({ title: "Help", onSignInRequest: async () => (window.asked.push("second"), ada) }), ADA);
  assert.equal(await frame.evaluate(() => window.bridge.requestSignIn()), true);
  await widgetSees(frame, "authorized", "ada");
  assert.deepEqual(await page.evaluate(() => window.asked), ["first", "second"]);
  assert.ok(await page.evaluate(async (first) => (await document.querySelector("authframe-widget").widget) === first, first));
  assert.equal(await page.evaluate(async () => (await document.querySelector("authframe-widget").widget).frame.title), "Help");

  await page.evaluate(() => window.change({ identity: undefined, timeout: undefined }));
  await connected(page);
  assert.deepEqual(await page.evaluate(() => document.querySelector("authframe-widget").getAttributeNames().sort()), ["src", "title"]);
  const events = await page.evaluate(() => window.events);
  for (const expected of [
    ["session", "authorized"],
    ["connection", "connected"],
  ])
    assert.ok(
      events.some((event) => `${event}` === `${expected}`),
      `${expected} in ${JSON.stringify(events)}`,
    );
  assert.ok(!events.some(([type]) => type === "error"), JSON.stringify(events));
  await page.evaluate(() => window.root.unmount());
  await until(page, () => !document.querySelector("authframe-widget"));
});

/** A module that the stage can import, bundled from these lines. */
async function imported(page, name, contents) {
  const { outputFiles } = await build({
    stdin: { resolveDir: fileURLToPath(new URL(".", import.meta.url)), contents, loader: "js" },
    bundle: true,
    write: false,
    format: "esm",
    // A mismatch is reported by React's development build alone.
    define: { "process.env.NODE_ENV": '"development"' },
  });
  await page.route(`**/${name}`, (route) => route.fulfill({ body: outputFiles[0].text, contentType: "text/javascript" }));
  return page.evaluateHandle((name) => window.load(`/${name}`), name);
}

test("C20: a page that is morphed into its next state keeps the same widget", async () => {
  const page = await stage();
  const morph = await imported(page, "morph.js", `export { Idiomorph } from "idiomorph";`);
  await place(page, { src: widgetAt(), title: "Chat" });
  const frame = await connected(page);
  await frame.evaluate(() => (window.draft = "half a sentence"));
  const after = await page.evaluate(({ Idiomorph }) => {
    const next = window.stage.cloneNode(true);
    // The server that renders it has never seen the frame.
    next.querySelector("authframe-widget").replaceChildren();
    next.append(Object.assign(document.createElement("p"), { textContent: "another message" }));
    Idiomorph.morph(window.stage, next);
    return document.getElementById("stage").textContent;
  }, morph);
  assert.match(after, /another message/);
  assert.equal(await (await connected(page)).evaluate(() => window.draft), "half a sentence");
});

test("C20: React takes over a page from its server in which the widget is embedded already, without a mismatch", async () => {
  const page = await stage();
  const react = await imported(
    page,
    "hydrate.js",
    `export { createElement } from "react"; export { hydrateRoot } from "react-dom/client";`,
  );
  const src = widgetAt();
  await page.evaluate(
    ([react, src]) => {
      window.App = () => react.createElement("main", null, react.createElement("authframe-widget", { src, title: "Chat" }), "text");
      // As a server's page holds it. By hand, because this page's policy lets no script parse text.
      const main = document.createElement("main");
      const element = document.createElement("authframe-widget");
      element.setAttribute("src", src);
      element.setAttribute("title", "Chat");
      main.append(element, "text");
      window.stage.replaceChildren(main);
    },
    [react, src],
  );
  const frame = await connected(page);
  await frame.evaluate(() => (window.draft = "half a sentence"));
  const mismatches = await page.evaluate(
    (react) =>
      new Promise((resolve) => {
        const found = [];
        const root = react.hydrateRoot(window.stage, react.createElement(window.App), {
          onRecoverableError: ({ message }) => found.push(message),
        });
        // Drawn after what was to be hydrated.
        requestAnimationFrame(() => setTimeout(() => (root.render(react.createElement(window.App)), setTimeout(() => resolve(found))), 0));
      }),
    react,
  );
  assert.deepEqual(mismatches, []);
  assert.equal(await (await connected(page)).evaluate(() => window.draft), "half a sentence");
});

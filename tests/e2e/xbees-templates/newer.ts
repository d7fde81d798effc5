/**
 * A page of our own with the API calls of the vendor's template of 2026: the class as the default import, types from below the package, callbacks with resolve and reject, a batch of lookups, the
 * vendor's storage, `onLogout`; and what other published integrations call beside them.
 */
import Client, { StartPage } from "authframe/xbees";
import type { Contact, ContactQuery } from "authframe/xbees/dist-types/types";

type User = { name: string; email: string };

const root = document.getElementById("root")!;
const people: Contact[] = [];
const add = (name: string): Contact => {
  const contact = { id: `${people.length + 1}` } as Contact;
  contact.name = name;
  contact.email = `${name.toLowerCase()}@example.com`;
  contact.phone = `+49${people.length + 1}`;
  people.push(contact);
  return contact;
};
add("Emmy");
add("Sofja");

async function searchContactsBy(query: string | ContactQuery): Promise<Contact[]> {
  const text = typeof query === "string" ? query : (query.email ?? query.phone ?? "");
  return people.filter((contact) =>
    [contact.name, contact.email, contact.phone].some((value) => value?.toLowerCase().includes(text.toLowerCase())),
  );
}

function userInStorage(): User | null {
  const user: User | null = Client.getInstance().getFromStorage("user");
  const email = Client.getInstance().getUserEmail();
  return user?.email === email ? user : null;
}
const auth = { user: userInStorage() };

function render() {
  root.replaceChildren();
  const button = (text: string, act: () => unknown) => {
    const element = document.createElement("button");
    element.textContent = text;
    element.onclick = () => void act();
    root.append(element);
  };
  const heading = document.createElement("h1");
  heading.textContent = auth.user ? `Hello, ${auth.user.name}` : "Welcome";
  root.append(heading);
  if (!auth.user) {
    const email = Client.getInstance().getUserEmail() ?? "no@email";
    button("Sign in", () => {
      auth.user = { name: email.split("@")[0] ?? email, email };
      Client.getInstance().saveToStorage("user", auth.user);
      synchronize();
    });
    return;
  }
  button("Sign out", () => {
    Client.getInstance().deleteFromStorage("user");
    auth.user = null;
    synchronize();
  });
  button("Call", () => Client.getInstance().startCall("+491"));
  button("Toast", () => Client.getInstance().showToast("Saved", "INFO"));
}

/** As the template's effect does at each change of the user, and once when it is mounted. */
function synchronize() {
  const connect = Client.getInstance();
  if (auth.user) void connect?.isAuthorized?.();
  else void connect?.isNotAuthorized?.();
  render();
}

async function showContext() {
  let context: ContactQuery | null = null;
  const contextMessage = await Client.getInstance().getContext();
  if (contextMessage?.payload) context = contextMessage.payload.contact;
  if (!context) return;
  const contact = (await searchContactsBy(context))[0] ?? null;
  root.dataset["contact"] = contact?.name ?? "";
  if (contact) void Client.getInstance().contactUpdated({ ...context }, contact);
}

const startUI = async (): Promise<void> => {
  root.dataset["page"] =
    Client.getInstance().getStartPage() === StartPage.CREATE_CONTACT ? "create" : Client.getInstance().isFullsize() ? "tab" : "contact";
  synchronize();
  void showContext();
};

async function handleSystemStart() {
  Client.initialize(startUI);

  Client.getInstance().onSuggestContacts(async (query, resolve, reject) => {
    if (!auth.user) return Client.getInstance().isNotAuthorized();
    try {
      const contacts = await searchContactsBy(query);
      if (contacts) resolve(contacts.map(({ id, name, email, phone }) => ({ id, name, email, phone }) as Contact));
    } catch (error) {
      reject(`${error}`);
    }
  });

  Client.getInstance().onLookupAndMatchContact(async (query, resolve, reject) => {
    if (!auth.user) return Client.getInstance().isNotAuthorized();
    try {
      const [contact] = await searchContactsBy(query);
      if (!contact) throw Error("not found");
      resolve({ id: contact.id, name: contact.name, email: contact.email, phone: contact.phone } as Contact);
    } catch (error) {
      reject(`${error}`);
    }
  });

  Client.getInstance().onLookupAndMatchBatchContacts(async (queries, returnResults) => {
    if (!auth.user) {
      void Client.getInstance()?.isNotAuthorized?.();
      throw "no authorized";
    }
    if (!queries || queries.length === 0) throw "no query";
    const resultsMap = new Map();
    const results = await Promise.all(queries.map(async (query) => ({ query, contact: (await searchContactsBy(query))[0] ?? null })));
    results.forEach(({ query, contact }) => {
      resultsMap.set(query, contact);
    });
    returnResults(resultsMap);
  });

  Client.getInstance().onStorage((storageEvent) => {
    if (storageEvent.key !== "user") return;
    auth.user = userInStorage();
    synchronize();
  });

  Client.getInstance().onLogout(() => {
    Client.getInstance().deleteFromStorage("user");
    auth.user = null;
    void Client.getInstance().isNotAuthorized();
    render();
  });

  await Client.getInstance().ready();
  void Client.getInstance().createContactIsSupported();
  if (!auth.user) await Client.getInstance().isNotAuthorized();
  else await Client.getInstance().isAuthorized();
}

void handleSystemStart();

/** How published integrations write their callbacks; it only has to compile. */
export function written(client: Client) {
  // biome-ignore lint/suspicious/noExplicitAny: as they have it.
  client.onLookupAndMatchContact(async (payload: any, resolve: any, reject: any) => (payload?.phone ? resolve(null) : reject("none")));
  client.onLookupAndMatchContact(
    async ({ phone }: { phone: string }, resolve: (contact: unknown) => void, reject: (error: unknown) => void) =>
      phone ? resolve(null) : reject(new Error("none")),
  );
  client.onSuggestContacts(async (_query: string, resolve: (contacts: unknown) => void, reject: (error: unknown) => void) => {
    resolve(await (await fetch("/search")).json());
    reject("late");
  });
  const stop: () => void = client.onThemeChange(({ mode, themeOptions }) => `${mode} ${themeOptions?.palette}`);
  return stop;
}

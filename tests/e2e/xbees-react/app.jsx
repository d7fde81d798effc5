/**
 * An integration as a developer writes it who has read only the vendor's documentation of `Client`, in React. It keeps its user in the vendor's storage and
 * knows nothing of authframe but the name in the import (and the `<meta>` in index.html, which names the host).
 */

import { Client } from "authframe/xbees";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const PEOPLE = [
  { id: "1", name: "Emmy Noether", email: "emmy@example.com", phone: "+491" },
  { id: "2", name: "Sofja Kowalewskaja", email: "sofja@example.com", phone: "+492" },
];

Client.initialize(async () => createRoot(document.getElementById("root")).render(<App />));
const client = Client.getInstance();

const signedIn = () => client.getFromStorage("user") !== null;
const notify = () => (signedIn() ? client.isAuthorized() : client.isNotAuthorized());

client.onSuggestContacts((query, resolve, reject) => {
  if (!signedIn()) {
    client.isNotAuthorized();
    return reject("signed out");
  }
  resolve(PEOPLE.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase())));
});
client.onStorage(({ key }) => {
  if (key === "user") notify();
});
client.onLogout(() => {
  client.deleteFromStorage("user");
  client.isNotAuthorized();
});
await client.ready();
notify();

function App() {
  const [user, setUser] = useState(() => client.getFromStorage("user"));
  const [mode, setMode] = useState("…");
  const [contact, setContact] = useState("");
  useEffect(() => {
    client.getThemeMode().then(
      ({ payload }) => setMode(payload),
      () => {},
    );
    client.getContext().then(
      ({ payload }) => setContact(payload.contact.email),
      () => {},
    );
    const stops = [
      client.onThemeChange((theme) => setMode(theme.mode)),
      client.onStorage(({ key }) => key === "user" && setUser(client.getFromStorage("user"))),
      client.onLogout(() => setUser(null)),
    ];
    return () => stops.forEach((stop) => stop());
  }, []);

  const signIn = async () => {
    const user = { name: "Ada Lovelace", email: "ada@example.com" };
    client.saveToStorage("user", user);
    setUser(user);
    await client.isAuthorized();
  };
  const signOut = async () => {
    client.deleteFromStorage("user");
    setUser(null);
    await client.isNotAuthorized();
  };
  return (
    <main data-mode={mode}>
      <h1>{user ? `Hello, ${user.name}` : "Welcome"}</h1>
      <p>Contact: {contact}</p>
      {user ? <button onClick={signOut}>Sign out</button> : <button onClick={signIn}>Sign in</button>}
      <button onClick={() => client.startCall("+491")}>Call</button>
    </main>
  );
}

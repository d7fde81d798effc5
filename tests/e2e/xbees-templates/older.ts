/**
 * A page of our own with the API calls of the vendor's template of 2023: one function that gives the client, a status at every change and at every message, a storage event that says the
 * status whatever its key, searches answered by the response creator.
 */
import { xBeesConnect } from "authframe/xbees";

const connectProvider = xBeesConnect;

interface Message {
  type?: string;
  message?: string;
  errorMessage?: string;
  // biome-ignore lint/suspicious/noExplicitAny: as the template has it.
  payload?: any;
}
interface User {
  name: string;
  email: string;
}

const PEOPLE = [
  { id: "1", name: "Emmy Noether", email: "emmy@example.com", mobile: "+491", extension: "11" },
  { id: "2", name: "No Address", mobile: "" },
];
const userOf = (): User | null => JSON.parse(localStorage.getItem("user") ?? "null");
let user = userOf();
const root = document.getElementById("root")!;

function authorize() {
  const connect = connectProvider();
  const isAuthorized = !!user;
  if (isAuthorized) void connect?.isAuthorized?.();
  else void connect?.isNotAuthorized?.();
}

function render() {
  root.replaceChildren();
  const button = (text: string, act: () => void) => {
    const element = document.createElement("button");
    element.textContent = text;
    element.onclick = act;
    root.append(element);
  };
  const heading = document.createElement("h1");
  heading.textContent = user ? `Hello, ${user.name}` : "Welcome";
  root.append(heading);
  if (user) {
    button("Sign out", () => {
      localStorage.removeItem("user");
      changed();
    });
    button("Call", () => void connectProvider().startCall("+491"));
    button("Copy", () => void connectProvider().toClipboard("+491"));
  } else {
    button("Sign in", () => {
      localStorage.setItem("user", JSON.stringify({ name: "Ada", email: "ada@example.com" }));
      changed();
    });
  }
}

function changed() {
  user = userOf();
  authorize();
  render();
}

async function setViewport(offset = 0): Promise<void> {
  const height = document.body.clientHeight + offset;
  const width = document.documentElement.scrollWidth;
  await connectProvider().setViewport({ height, width });
}

const changeTheme = ({ mode }: { mode: "light" | "dark" }) => {
  root.dataset["mode"] = mode;
};

async function getContextData() {
  const contextMessage: Message = await connectProvider().getContext();
  if (contextMessage?.payload) root.dataset["contact"] = contextMessage.payload.contactEmail ?? contextMessage.payload.contact.email;
}

const suggest = async (query: string) => {
  const connect = connectProvider();
  if (!user) return void connect?.isNotAuthorized?.();
  const found = PEOPLE.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()));
  connect
    .getSearchResponseCreator()
    .prepareResponse(
      found.map((record) =>
        connect
          .SearchResultItemBuilder()
          .id(record.id)
          .name(record.name)
          .email(record.email)
          .phone(record.mobile)
          .extension(record.extension)
          .mobileNumber(record.mobile)
          .create(),
      ),
    )
    .send();
};

addEventListener("message", () => {
  if (!user) void connectProvider()?.isNotAuthorized?.();
});
addEventListener("storage", changed);
connectProvider().ready();
authorize();
render();
root.dataset["version"] = connectProvider().version();
connectProvider()
  .getTheme()
  // biome-ignore lint/suspicious/noExplicitAny: as the template has it.
  .then((response: any) => changeTheme(response?.payload));
connectProvider().onThemeChange(changeTheme);
connectProvider().onSuggestContacts(suggest);
connectProvider().addEventListener("xBeesAddCall", (call) => {
  root.dataset["call"] = call.number;
});
void setViewport();
void getContextData();

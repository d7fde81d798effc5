/** The pages of the sign-in server: plain forms, no script. */
import { createHash } from "node:crypto";

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 22rem; padding: 0 1rem; color-scheme: light dark; }
  input, button { font: inherit; padding: .5rem .75rem; }
  input { box-sizing: border-box; width: 100%; margin: .25rem 0 1rem; }
  .problem { color: #b00020; }
`;
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (title, content) => ({
  policy: POLICY,
  page: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`,
});

/** Its form goes back to the very address of this page. `users` are suggested. */
export const signInPage = ({ client, users, problem = "" }) =>
  page(
    "Sign in",
    `<p>to go on to <strong>${escape(client)}</strong></p>
<form method="post">
<p class="problem" role="alert">${escape(problem)}</p>
<label for="user">User name</label>
<input id="user" name="user" list="users" autocomplete="username" maxlength="64" autofocus>
<datalist id="users">${users.map(([user, name]) => `<option value="${escape(user)}">${escape(name)}</option>`).join("")}</datalist>
<button name="do" value="sign-in">Sign in</button>
<button name="do" value="cancel">Cancel</button>
</form>`,
  );

export const wrongPage = (problem) => page("This link is not right", `<p class="problem">${escape(problem)}</p>`);

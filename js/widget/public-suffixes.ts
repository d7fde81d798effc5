/**
 * Public suffixes under which strangers live side by side. `https://*.github.io` in `hosts` would let every one of GitHub's customers embed the
 * widget. The list is of the well-known ones, not of all (publicsuffix.org has thousands): for a warning, never for a decision.
 */
const SUFFIXES: ReadonlySet<string> = new Set([
  // Registries: everyone can have a name below them.
  "co.uk",
  "org.uk",
  "me.uk",
  "com.au",
  "net.au",
  "org.au",
  "co.nz",
  "co.jp",
  "ne.jp",
  "or.jp",
  "co.kr",
  "com.cn",
  "com.tw",
  "com.hk",
  "com.sg",
  "co.in",
  "com.br",
  "com.mx",
  "com.ar",
  "com.tr",
  "co.za",
  "co.il",
  "com.ua",
  "com.pl",
  "eu.org",
  // Hosting: each customer, and each trial account, has a name below them.
  "github.io",
  "githubpreview.dev",
  "gitlab.io",
  "pages.dev",
  "workers.dev",
  "web.app",
  "firebaseapp.com",
  "appspot.com",
  "netlify.app",
  "vercel.app",
  "now.sh",
  "herokuapp.com",
  "onrender.com",
  "fly.dev",
  "surge.sh",
  "glitch.me",
  "repl.co",
  "replit.app",
  "deno.dev",
  "azurewebsites.net",
  "azurestaticapps.net",
  "cloudapp.net",
  "blob.core.windows.net",
  "cloudfront.net",
  "s3.amazonaws.com",
  "elasticbeanstalk.com",
  "amplifyapp.com",
  "ondigitalocean.app",
  "blogspot.com",
  "wordpress.com",
  "wixsite.com",
  "webflow.io",
  "myshopify.com",
  "readthedocs.io",
  "codesandbox.io",
  "csb.app",
  "stackblitz.io",
  // Tunnels to a developer's own machine.
  "ngrok.io",
  "ngrok.app",
  "ngrok-free.app",
  "ngrok.dev",
  "ngrok-free.dev",
  "loca.lt",
  "trycloudflare.com",
  "devtunnels.ms",
]);

/**
 * The public suffix that an entry of `hosts` opens to every site below it: `"github.io"` for `"https://*.github.io"`. `undefined` for an entry
 * without a star, for a star below one customer's name (`https://*.acme.github.io`), and for what the list does not know.
 */
export const publicSuffixOf = (hostEntry: string): string | undefined => {
  const suffix = /^https:\/\/\*\.([^:/]+)(?::\d+)?$/.exec(hostEntry)?.[1];
  return suffix !== undefined && SUFFIXES.has(suffix) ? suffix : undefined;
};

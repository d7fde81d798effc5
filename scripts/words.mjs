// `npm run words`: writes js/shared/words.ts, which has the words and texts that Rust and TypeScript both say. tests/words.rs makes it.
import { must, whenMain } from "./common.mjs";

await whenMain(import.meta.url, () =>
  must("js/shared/words.ts was not written: see the message of cargo above.", "cargo", ["test", "--quiet", "--test", "words"], {
    env: { AUTHFRAME_WRITE_WORDS: "1" },
  }),
);

/** `npm run test:examples`: the widget in Leptos. */
import { testsOf } from "../e2e/rust-widgets.mjs";

testsOf("leptos-widget");

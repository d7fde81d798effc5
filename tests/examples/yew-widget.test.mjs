/** `npm run test:examples`: the widget in Yew. */
import { testsOf } from "../e2e/rust-widgets.mjs";

testsOf("yew-widget");

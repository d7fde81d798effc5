// A file of its own: no inline script, so that a strict Content-Security-Policy holds.
import start from "./pkg/authframe_example_yew_widget.js";

await start();

// One of many tabs: reports when it has learned of a change. `raw` listens to the storage event itself.
import { connect } from "authframe";

export async function start() {
  const raw = new URLSearchParams(location.search).has("raw");
  const now = () => performance.timeOrigin + performance.now();
  window.writes = 0;
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (...pair) {
    window.writes++;
    return setItem.apply(this, pair);
  };
  window.learn = () => {};
  if (raw) {
    addEventListener("storage", ({ key }) => key === "raw" && window.learn(now()));
    window.change = (n) => {
      const start = now();
      localStorage.setItem("raw", JSON.stringify({ n, padding: "x".repeat(120) }));
      return start;
    };
  } else {
    const bridge = await connect({ hosts: ["https://nobody.example"] });
    let last = bridge.session.epoch;
    bridge.subscribe(({ epoch }) => {
      if (epoch > last) window.learn(now());
      last = epoch;
    });
    window.change = (n) => {
      const start = now();
      void (bridge.session.status === "authorized" ? bridge.signOut() : bridge.authorize({ account: { subject: `u${n}` } }));
      return start;
    };
  }
  window.ready = true;
}

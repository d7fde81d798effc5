/**
 * A listener that never throws: a page can dispatch an event whose members are absent or throw, and that is no failure of ours. What the application's own callbacks throw is reported before it
 * gets here.
 */
export const safeListener =
  <E extends Event>(listener: (event: E) => void) =>
  (event: E): void => {
    try {
      listener(event);
    } catch {
      // Made up by the page: dropped.
    }
  };

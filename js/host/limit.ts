/** Says whether this one may pass: at most so many a second, counted anew from the first one after each second. */
export const limit = (perSecond: number): ((now: number) => boolean) => {
  let start = 0;
  let passed = 0;
  return (now) => {
    if (now - start > 999) {
      start = now;
      passed = 0;
    }
    return passed++ < perSecond;
  };
};

/** Gives an object more members. They are defined, where an assignment would call a setter that the page has put on Object.prototype. */
export const extend = <T extends object, More extends object>(object: T, more: More): T & More =>
  Object.defineProperties(object, Object.getOwnPropertyDescriptors(more)) as T & More;

/** Words of the wire that the vendor does not document. */

/**
 * What the vendor's library has and was not seen on the wire from outside. The names are made by the pattern of the known ones; set those that you know better. A message of another
 * name is one that the host does not answer.
 */
export const WORDS = {
  lookup: "xBeesGetLookupAndMatchContact",
  lookupAnswer: "xBeesLookupAndMatchContact",
  batchLookup: "xBeesGetLookupAndMatchBatchContacts",
  batchLookupAnswer: "xBeesLookupAndMatchBatchContacts",
  contactUpdated: "xBeesContactUpdated",
  contactMatchUpdated: "xBeesContactMatchUpdated",
  createContactIsSupported: "xBeesCreateContactIsSupported",
  toast: "xBeesToast",
  /** Parameters of the page's address. */
  userEmail: "userEmail",
  fullsize: "fullsize",
  startPage: "startPage",
};

export type Words = Readonly<typeof WORDS>;

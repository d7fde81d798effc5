/** Words of the wire that the vendor does not document. */

/**
 * What the vendor's library has and was not seen on the wire from outside. The two of lookups follow the keys of the vendor's host, the others the pattern of the known words; set those
 * that you know better. A word that the host does not know it refuses at once.
 */
export const WORDS = {
  /** The answer to a search. `"xBeesContactsAutosuggest"` from 1.0.13 to 1.1.2. */
  suggestAnswer: "xBeesContactsAutoSuggest",
  lookup: "xBeesGetLookUpAndMatch",
  lookupAnswer: "xBeesContactLookupAndMatch",
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

export type Words = typeof WORDS;

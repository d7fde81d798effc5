/** Words of the wire under the names that the vendor's package exports. */

/** What the host posts. */
export const EventType = {
  ADD_CALL: "xBeesAddCall",
  TERMINATE_CALL: "xBeesTerminateCall",
  USE_THEME: "xBeesUseTheme",
  PBX_TOKEN: "xBeesPbxToken",
  GET_SEARCH_RESULT: "xBeesGetSearchResult",
  GET_CONTACTS_AUTO_SUGGEST: "xBeesGetContactsAutoSuggest",
  GET_LOOK_UP_AND_MATCH: "xBeesGetLookUpAndMatch",
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** What an integration posts. */
export const ClientEventType = {
  READY: "xBeesReady",
  CONTEXT: "xBeesContext",
  CURRENT_CONTACT: "xBeesCurrentContact",
  THEME_MODE: "xBeesThemeMode",
  THEME: "xBeesTheme",
  START_CALL: "xBeesStartCall",
  VIEW_PORT: "xBeesViewPort",
  REBOOT: "xBeesReboot",
  TO_CLIPBOARD: "xBeesToClipboard",
  NOT_AUTHORIZED: "xBeesNotAuthorized",
  AUTHORIZED: "xBeesAuthorized",
  SEARCH_RESULT: "xBeesSearchResult",
  CONTACTS_AUTO_SUGGEST: "xBeesContactsAutoSuggest",
  CONTACT_LOOKUP_AND_MATCH: "xBeesContactLookupAndMatch",
} as const;
export type ClientEventType = (typeof ClientEventType)[keyof typeof ClientEventType];

export type MessageType = EventType | ClientEventType;

/** Which page the host would like to see first: `client.getStartPage()`. */
export const StartPage = { CREATE_CONTACT: "CREATE_CONTACT" } as const;
export type StartPage = (typeof StartPage)[keyof typeof StartPage];

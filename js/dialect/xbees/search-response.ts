/** How integrations of the first years answer a search: a list that is put together by these two, and sent. */
import type { Contact } from "./client-types.js";
import type { OpenSearches } from "./open-searches.js";

/** What an answer is sent with. */
interface Sender {
  getContactsAutoSuggest(found: { contacts: Contact[]; query?: string }): Promise<unknown>;
  getSearchResult(contacts: Contact[]): Promise<unknown>;
}

export class SearchResponseCreator {
  #contacts: Contact[] = [];
  #query: string | undefined;

  constructor(
    private readonly sender: Sender,
    private readonly searches: OpenSearches,
  ) {}

  /**
   * An entry without id, name, and both address and number is left out.
   * @param query what is answered. Default: the search whose callback is running, else the only one that is open; none if there are several
   */
  prepareResponse(contacts: Contact[], query?: string): this {
    this.#contacts = contacts.filter(({ id, name, email, phone }) => id && name && (email || phone));
    if (this.#contacts.length < contacts.length)
      console.error("a contact needs an id, a name, and an email or a phone: the others are not sent");
    this.#query = query ?? this.searches.answered;
    return this;
  }

  send(): void {
    const query = this.#query === undefined ? {} : { query: this.#query };
    this.sender.getContactsAutoSuggest({ contacts: this.#contacts, ...query }).catch(() => {});
  }

  /** The same on the wire of 1.0. @deprecated by the vendor */
  sendResponse(): void {
    this.sender.getSearchResult(this.#contacts).catch(() => {});
  }
}

/** Makes one contact. */
export class SearchResultItemBuilder {
  readonly #fields = new Map<keyof Contact, string | undefined>();

  id(id: string): this {
    return this.#set("id", id);
  }

  name(name: string): this {
    return this.#set("name", name);
  }

  email(email?: string): this {
    return this.#set("email", email);
  }

  phone(phone?: string): this {
    return this.#set("phone", phone);
  }

  extension(extension?: string): this {
    return this.#set("extension", extension);
  }

  mobileNumber(number?: string): this {
    return this.#set("mobileNumber", number);
  }

  officeNumber(number?: string): this {
    return this.#set("officeNumber", number);
  }

  faxNumber(number?: string): this {
    return this.#set("faxNumber", number);
  }

  homeNumber(number?: string): this {
    return this.#set("homeNumber", number);
  }

  homeMobileNumber(number?: string): this {
    return this.#set("homeMobileNumber", number);
  }

  organization(organization?: string): this {
    return this.#set("organization", organization);
  }

  /** The host shows none: it is left out. */
  picture(_picture?: string): this {
    return this;
  }

  create(): Contact {
    const known = [...this.#fields].filter(([, value]) => value !== undefined);
    return { id: "", name: "", ...Object.fromEntries(known) };
  }

  #set(field: keyof Contact, value: string | undefined): this {
    this.#fields.set(field, value);
    return this;
  }
}

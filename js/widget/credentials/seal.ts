/** How a credential lies in its record: encrypted under a key that no script can read (`sealed`), or as it is (`dangerous-plaintext`). */

export interface Sealed {
  readonly key?: CryptoKey;
  readonly iv?: Uint8Array<ArrayBuffer>;
  readonly data?: ArrayBuffer;
  readonly plain?: unknown;
  readonly padding?: Uint8Array;
}

/**
 * Chromium appends what it stores to a log, where a deleted record, key and all, stands until some later compaction. A record of over 64 KiB gets a
 * file of its own, which is gone with the record. Random, so that no compression makes it small.
 */
const PADDING = 65_536;

export class Damaged extends Error {}

export interface Sealer {
  seal(credential: unknown): Promise<Sealed>;
  /** Rejects with {@link Damaged}. */
  unseal(sealed: Sealed): Promise<unknown>;
}

/** A record is bound to its origin and namespace: in another place it cannot be opened. */
export function sealer(isPlain: boolean, namespace: string): Sealer {
  const additionalData = new TextEncoder().encode(`${origin} ${namespace}`);
  return {
    async seal(credential) {
      const padding = crypto.getRandomValues(new Uint8Array(PADDING));
      if (isPlain) return { plain: credential, padding };
      // A new key for every version: the one before is gone with its record.
      const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const text = new TextEncoder().encode(JSON.stringify(credential));
      return { key, iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, text), padding };
    },
    async unseal({ key, iv, data, plain }) {
      if (isPlain && plain) return plain;
      try {
        if (!key || !iv || !data) throw new Damaged();
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, data);
        return JSON.parse(new TextDecoder().decode(text)) as unknown;
      } catch (cause) {
        throw new Damaged("", { cause });
      }
    },
  };
}

/** Two lower-case digits for each byte. */
export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** As many random bytes in hexadecimal digits. The default of 16 cannot be guessed. */
export const randomHex = (bytes = 16): string => hex(crypto.getRandomValues(new Uint8Array(bytes)));

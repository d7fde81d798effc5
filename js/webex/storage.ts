/** localStorage, or the memory of this page where there is none. Nothing here throws: what cannot be written is not shared, and what cannot be read is not there. */
export class LineStorage {
  readonly #real: Storage | undefined = available();
  readonly #memory = new Map<string, string>();

  /** Whether other tabs see what is written here. */
  get isShared(): boolean {
    return this.#real !== undefined;
  }

  getItem(name: string): string | null {
    const real = this.#real;
    return attempt(() => (real ? real.getItem(name) : (this.#memory.get(name) ?? null)), null);
  }

  setItem(name: string, value: string): void {
    const real = this.#real;
    attempt(() => void (real ? real.setItem(name, value) : this.#memory.set(name, value)), undefined);
  }

  removeItem(name: string): void {
    const real = this.#real;
    attempt(() => void (real ? real.removeItem(name) : this.#memory.delete(name)), undefined);
  }

  keys(): string[] {
    const real = this.#real;
    return attempt(() => (real ? Object.keys(real) : [...this.#memory.keys()]), []);
  }
}

function available(): Storage | undefined {
  return attempt(() => {
    const real = localStorage;
    real.getItem("");
    return real;
  }, undefined);
}

function attempt<T>(act: () => T, otherwise: T): T {
  try {
    return act();
  } catch {
    // It is denied, full, or was taken away meanwhile.
    return otherwise;
  }
}

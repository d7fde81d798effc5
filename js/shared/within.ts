/** Settles as `answer` does, or rejects with what `late` makes after so many milliseconds. */
export function within<T>(milliseconds: number, answer: PromiseLike<T>, late = () => new Error("it took too long")): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  return Promise.race([answer, over]).finally(() => clearTimeout(timer));
}

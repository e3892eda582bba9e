/** Makes a function that runs changes of the same thing one after the other, whether those before succeed or fail. */
export function turns<K>(): (key: K, change: () => Promise<void>) => Promise<void> {
  const last = new Map<K, Promise<void>>();
  return (key, change) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(change, change);
    last.set(key, mine);
    const forget = () => { if (last.get(key) === mine) last.delete(key); };
    mine.then(forget, forget);
    return mine;
  };
}

// Waiting on a condition, always with a limit and always with a word on what did not come.
export async function until(condition, { what, timeout = 10_000, every = 50, describe = () => '' }) {
  const end = performance.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${timeout} ms in vain for ${what}\n${describe()}`);
    await pause(every);
  }
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

// Starts several things at once; when one fails the others are ended, so that no process outlives its test.
export async function together(...starts) {
  const results = await Promise.allSettled(starts);
  const failed = results.find(result => result.status === 'rejected');
  if (!failed) return results.map(result => result.value);
  await Promise.allSettled(results.map(({ value }) => value?.stop?.() ?? value?.close?.()));
  throw failed.reason;
}

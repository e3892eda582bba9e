// What is computed of measurements. Pure.

/** The middle value; the mean of the two middle ones when they are even in number; NaN of nothing. */
export function median(values) {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that `share` (0 to 1) of them do not exceed (nearest rank); NaN of nothing. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** How far values lie apart: the largest less the smallest, as a share of the median. */
export function spread(values) {
  return values.length === 0 ? NaN : (Math.max(...values) - Math.min(...values)) / Math.abs(median(values));
}

/** Least squares of `[x, y]`: slope, value at 0, and the standard error of the slope (NaN below three points). */
export function regression(points) {
  const n = points.length, mean = i => points.reduce((sum, point) => sum + point[i], 0) / n;
  const mx = mean(0), my = mean(1);
  let sxx = 0, sxy = 0;
  for (const [x, y] of points) {
    sxx += (x - mx) ** 2;
    sxy += (x - mx) * (y - my);
  }
  const slope = sxy / sxx, at0 = my - slope * mx;
  const rest = points.reduce((sum, [x, y]) => sum + (y - at0 - slope * x) ** 2, 0);
  return { slope, at0, error: n < 3 ? NaN : Math.sqrt(rest / (n - 2) / sxx) };
}

/** Means of `count` equal parts of a series of `[x, y]`: neighbours in time depend on one another, which makes the error of a slope look too small. */
export function blocks(points, count) {
  const size = Math.max(1, Math.floor(points.length / count)), made = [];
  for (let at = 0; at + size <= points.length; at += size) {
    const part = points.slice(at, at + size);
    made.push([0, 1].map(i => part.reduce((sum, point) => sum + point[i], 0) / size));
  }
  return made;
}

/** Size of one tile so that `count` tiles of 16:9 fill a box best; the last row may be shorter. */
export function tileSize(count: number, width: number, height: number, gap: number): { width: number; height: number } {
  let best = { width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const w = Math.min((width - gap * (columns - 1)) / columns, ((height - gap * (rows - 1)) / rows) * (16 / 9));
    if (w > best.width) best = { width: Math.floor(w), height: Math.floor((w * 9) / 16) };
  }
  // A single tile on a tall phone uses the height it has.
  if (count === 1 && height > width) return { width: Math.floor(width), height: Math.floor(Math.min(height, width * 1.6)) };
  if (count === 2 && height > width * 1.2) return { width: Math.floor(width), height: Math.floor(Math.min((height - gap) / 2, width)) };
  return best;
}

/** Two letters for the avatar of somebody without picture. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return '?';
  const first = [...words[0]!][0]!, last = words.length > 1 ? [...words.at(-1)!][0]! : '';
  return (first + last).toUpperCase();
}

/** A colour of its own for each name, dark enough for white letters. */
export function colourOf(name: string): string {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)!) >>> 0;
  return `hsl(${hash % 360} 52% 38%)`;
}

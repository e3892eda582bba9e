import type { Quality } from '../../client/index.js';
import { t } from '../i18n/index.js';

/** Three bars and, for those who do not see them, a word. */
export function QualityBars({ quality }: { quality: Quality | undefined }) {
  const level = quality === 'excellent' ? 'good' : quality === 'good' ? 'fair' : quality === undefined ? '' : 'poor';
  const text = quality === 'excellent' ? t.qualityGood : quality === 'good' ? t.qualityFair : quality === undefined ? t.qualityUnknown : t.qualityPoor;
  return <span class={`bars ${level}`} role="img" aria-label={text} title={text}><i /><i /><i /></span>;
}

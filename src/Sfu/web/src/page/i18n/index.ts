import { en, type Texts } from './en.js';
import { zh } from './zh.js';

/** The first language of the browser's list that we speak; English when there is none. */
export function chooseLanguage(languages: readonly string[]): 'en' | 'zh-CN' {
  for (const language of languages) {
    const tag = language.toLowerCase();
    if (tag === 'zh' || tag.startsWith('zh-')) return 'zh-CN';
    if (tag === 'en' || tag.startsWith('en-')) return 'en';
  }
  return 'en';
}

export const language = chooseLanguage(navigator.languages);
export const t: Texts = language === 'zh-CN' ? zh : en;

// Plain lists of images: a reference or a glob over references a line, `#` begins a comment.
import { addTexts, type Findings, refusal } from './root-findings.ts';
import { globsOf } from './root-names.ts';

/** Adds what the lines of `text` name. Throws Refusal with the line for what can be no reference. */
export function readReferenceList(text: string, file: string, findings: Findings): void {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const name = line.replace(/(^|\s)#.*$/, '').trim();
    if (name === '') continue;
    const place = { file, line: index + 1 };
    const texts = globsOf(name);
    if (!texts) {
      const what = `${JSON.stringify(name)} is no image reference and no glob over references`;
      throw refusal(place, `${what}; write one a line, and comments after a #`);
    }
    addTexts(findings, texts, place);
  }
}

// TAB in real shells, with what `docker completion SHELL` prints: what the last words of lines become.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

interface Where {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** For each line the words that its last one may become. zsh tells one alone, and none as the word itself. */
type Tabs = (lines: readonly string[], where: Where) => string[][];

/** What a script of `tab/` prints, by line. */
function told(shell: readonly string[], script: string, args: readonly string[], where: Where): string[][] {
  const [file = '', ...flags] = shell;
  const words = [...flags, resolve(import.meta.dirname, 'tab', script), ...args];
  const text = execFileSync(file, words, { ...where, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const parts = text.replaceAll('\r', '').split('---\n').slice(0, -1);
  return parts.map((part) => part.split('\n').filter((reply) => reply !== ''));
}

const lastWord = (line: string) => line.trimEnd().split(' ').at(-1) as string;

/** bash divides words at `:` and `=` too, and completes what follows the last of these. */
const bash: Tabs = (lines, where) => {
  const args = lines.flatMap((line) => {
    const words = line.split(' ').flatMap((word) => (word === '' ? [''] : word.split(/(?<=[:=])|(?=[:=])/)));
    return [line, String(words.length), ...words];
  });
  return told(['bash', '--norc'], 'bash.sh', args, where).map((replies, i) => {
    const before = /^.*[:=]/.exec((lines[i] as string).split(' ').at(-1) as string)?.[0] ?? '';
    return replies.map((reply) => `${before}${reply.split(' ')[0]}`);
  });
};

const fish: Tabs = (lines, where) =>
  told(['fish', '--no-config'], 'fish.fish', lines, where).map((replies) =>
    replies.map((reply) => reply.split('\t')[0] as string),
  );

const zsh: Tabs = (lines, where) =>
  told(['zsh', '-f'], 'zsh.zsh', lines, where).map(([buffer = '']) => [lastWord(buffer)]);

const has = (file: string) =>
  (process.env['PATH'] ?? '').split(':').some((dir) => existsSync(`${dir}/${file}`));

/** The shells that are installed here. */
export const SHELLS: readonly (readonly [name: string, tabs: Tabs])[] = [
  ...(existsSync('/usr/share/bash-completion/bash_completion') ? [['bash', bash] as const] : []),
  ...(has('zsh') ? [['zsh', zsh] as const] : []),
  ...(has('fish') ? [['fish', fish] as const] : []),
];

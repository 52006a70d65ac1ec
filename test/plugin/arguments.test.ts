import { describe, expect, test } from 'vitest';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';

const read = (line: string) => {
  const { command, operands, flags, values } = parseArguments(line === '' ? [] : line.split(' '));
  return [
    command.name || '-',
    ...operands,
    '|',
    ...flags,
    ...[...values].map(([name, all]) => `${name}=${all.join('+')}`),
  ].join(' ');
};

describe('what is typed after docker tidy', () => {
  test.each([
    ['', '- |'],
    ['images', 'images |'],
    ['myapp --keep 3', '- myapp | keep=3'],
    ['--keep 3 myapp', '- myapp | keep=3'],
    ['--keep=3 myapp', '- myapp | keep=3'],
    ['--keep -1 myapp', '- myapp | keep=-1'],
    ['images -af myapp', 'images myapp | all force'],
    ['-a images myapp', 'images myapp | all'],
    ['images images', 'images images |'],
    ['images -- -a', 'images -a |'],
    ['images --all=false --force=true', 'images | force'],
    ['plan --keep-tag a --keep-tag=b x', 'plan x | keep-tag=a+b'],
    ['plan images 1.10', 'plan images 1.10 |'],
    ['plan cache --max-used-space 1GB', 'plan cache | max-used-space=1GB'],
    ['plan', 'plan |'],
    ['containers --filter label!=a --filter=until=1h', 'containers | filter=label!=a+until=1h'],
    ['plan -af images', 'plan images | all force'],
    ['all -f', 'all | force'],
    ['help images', 'images | help'],
    ['help', '- | help'],
    ['inventory -ofile.json', 'inventory | output=file.json'],
    ['inventory -o file.json', 'inventory | output=file.json'],
    ['images --keep 1 --keep 2', 'images | keep=2'],
    ['--no-trunc', '- | no-trunc'],
    ['images constructor toString', 'images constructor toString |'],
  ])('%j is %j', (line, meaning) => {
    expect(read(line)).toBe(meaning);
  });

  test.each([
    ['images --kep 3', 'unknown flag: --kep; did you mean --keep?'],
    ['images --no-all', 'unknown flag: --no-all'],
    ['images --al', 'unknown flag: --al'],
    ['images -x', "unknown shorthand flag: 'x' in -x"],
    ['inventory --keep 3', 'unknown flag: --keep'],
    ['inventory --force', 'unknown flag: --force'],
    ['networks --max-used-space 1GB', 'unknown flag: --max-used-space'],
    ['containers --keep 3', 'unknown flag: --keep'],
    ['images --keep', 'flag needs an argument: --keep'],
    ['images --all=maybe', 'invalid argument "maybe" for "--all"'],
    ['images --__proto__ x', 'unknown flag'],
    ['images -a app --_=other', 'unknown flag: --_'],
  ])('%j is a usage error: %s', (line, message) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(message);
  });

  test('a word that later versions use as a command is no repository', () => {
    expect(() => read('version -a')).toThrow(Refusal);
    expect(() => read('plan version -a')).toThrow(Refusal);
    expect(() => read('plan undo -a')).toThrow('undo removes nothing that could be planned');
    expect(read('images schedule -a')).toBe('images schedule | all');
  });
});

test('-v is the version of docker tidy, and df’s --verbose; elsewhere it is unknown', () => {
  expect([...parseArguments(['-v']).flags]).toEqual(['version']);
  expect([...parseArguments(['df', '-v']).flags]).toEqual(['verbose']);
  expect([...parseArguments(['-v', 'df']).flags]).toEqual(['verbose']);
  expect(() => parseArguments(['df', '--version'])).toThrow('unknown flag: --version');
  expect(() => parseArguments(['images', '-v'])).toThrow("unknown shorthand flag: 'v' in -v");
});

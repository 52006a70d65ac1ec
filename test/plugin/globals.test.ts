import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { parseGlobals } from '../../src/plugin/globals.ts';

const none = { debug: false, help: false };
const words = (line: string) => line.split(' ').filter((word) => word !== '');

test.each([
  ['tidy', {}, ''],
  ['tidy images', {}, 'images'],
  ['--context prod tidy images', { context: 'prod' }, 'images'],
  ['--context=prod tidy images', { context: 'prod' }, 'images'],
  ['-c prod tidy', { context: 'prod' }, ''],
  ['-cprod tidy', { context: 'prod' }, ''],
  ['-c=prod tidy', { context: 'prod' }, ''],
  ['--config /c tidy', { config: '/c' }, ''],
  ['-H tcp://a:1 tidy', { host: 'tcp://a:1' }, ''],
  ['-Htcp://a:1 tidy', { host: 'tcp://a:1' }, ''],
  ['-H=tcp://a:1 tidy', { host: 'tcp://a:1' }, ''],
  ['--host tcp://a:1 tidy', { host: 'tcp://a:1' }, ''],
  ['--host= tidy', { host: '' }, ''],
  ['-D tidy', { debug: true }, ''],
  ['--debug tidy', { debug: true }, ''],
  ['--debug=false tidy', {}, ''],
  ['-Dc prod tidy', { debug: true, context: 'prod' }, ''],
  ['-DHtcp://a:1 tidy', { debug: true, host: 'tcp://a:1' }, ''],
  ['-D=0 tidy', {}, ''],
  ['-l debug tidy', {}, ''],
  ['-ldebug tidy', {}, ''],
  ['--log-level=debug tidy', {}, ''],
  ['--tls tidy', { tls: true }, ''],
  ['--tls=false --tlsverify tidy', { tls: false, tlsverify: true }, ''],
  ['--tlsverify=F tidy', { tlsverify: false }, ''],
  ['--tlscacert a --tlscert b --tlskey=c tidy', { tlscacert: 'a', tlscert: 'b', tlskey: 'c' }, ''],
  ['-c one -c two tidy', { context: 'two' }, ''],
])('docker %s: the globals are read and the word tidy is gone', (line, globals, rest) => {
  expect(parseGlobals(words(line))).toEqual({ globals: { ...none, ...globals }, rest: words(rest) });
});

test.each([
  ['help tidy', '--help'],
  ['help tidy images', 'images --help'],
  ['--help tidy', '--help'],
  ['--help tidy images', 'images --help'],
  ['-h tidy', '--help'],
  ['-Dh tidy', '--help'],
  ['--context prod help tidy images', 'images --help'],
  ['--help tidy images -- app', 'images --help -- app'],
  ['--help', '--help'],
  ['--help images', 'images --help'],
])('docker %s asks for help', (line, rest) => {
  const parsed = parseGlobals(words(line));
  expect(parsed.globals.help).toBe(true);
  expect(parsed.rest).toEqual(words(rest));
});

test.each([
  ['tidy --context prod images', '--context prod images'],
  ['tidy -H tcp://a images', '-H tcp://a images'],
  ['tidy images --help', 'images --help'],
  ['tidy -h', '-h'],
  ['tidy --bogus', '--bogus'],
  ['tidy help images', 'help images'],
  ['images --debug', 'images --debug'],
  ['__complete tidy images a', '__complete tidy images a'],
  ['tidy docker-cli-plugin-hooks {}', 'docker-cli-plugin-hooks {}'],
])('%s: nothing after the first word is docker’s', (line, rest) => {
  expect(parseGlobals(words(line))).toEqual({ globals: none, rest: words(rest) });
});

test.each([
  ['tidy tidy', 'tidy'],
  ['tidy images tidy', 'images tidy'],
  ['images tidy', 'images tidy'],
  ['--keep 3 tidy', '--keep 3 tidy'],
  ['-- tidy', '-- tidy'],
])('%s: a repository called tidy stays', (line, rest) => {
  expect(parseGlobals(words(line))).toEqual({ globals: none, rest: words(rest) });
});

test.each([
  ['', {}, ''],
  ['images', {}, 'images'],
  ['--keep 3 myapp', {}, '--keep 3 myapp'],
  ['--keep=3', {}, '--keep=3'],
  ['-f images', {}, '-f images'],
  ['-af images', {}, '-af images'],
  ['-Df images', {}, '-Df images'],
  ['--context prod --keep 3 myapp', { context: 'prod' }, '--keep 3 myapp'],
  ['--version', {}, '--version'],
  ['- images', {}, '- images'],
])('docker-tidy %s, called directly, works the same', (line, globals, rest) => {
  expect(parseGlobals(words(line))).toEqual({ globals: { ...none, ...globals }, rest: words(rest) });
});

test('an empty operand is kept', () => {
  expect(parseGlobals(['tidy', '']).rest).toEqual(['']);
});

test.each([
  ['--context', 'flag needs an argument: --context'],
  ['-D --tlskey', 'flag needs an argument: --tlskey'],
  ['-c', "flag needs an argument: 'c' in -c"],
  ['-DH', "flag needs an argument: 'H' in -DH"],
  ['--bogus tidy images', 'unknown flag: --bogus'],
  ['--bogus=1 tidy', 'unknown flag: --bogus'],
  ['-x tidy', "unknown shorthand flag: 'x' in -x"],
  ['-Dx tidy', "unknown shorthand flag: 'x' in -Dx"],
  ['-H a -H b tidy', 'specify only one -H'],
  [
    '--tls=maybe tidy',
    'invalid argument "maybe" for "--tls" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
])('docker %s is refused in docker’s words', (line, message) => {
  expect(() => parseGlobals(words(line))).toThrow(new UsageError(message));
});

// A policy from the disk. What is wrong with it is one refusal: nothing is tidied by half of a policy.
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { getSystemErrorMessage } from 'node:util';
import { Refusal } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import { count } from '../core/units.ts';
import { parsePolicy } from './policy-file.ts';
import type { Finding } from './policy-finding.ts';

/** No policy is larger, and a file that is may never end. */
const LARGEST = 2 ** 20;

/**
 * Reads and checks a policy file.
 *
 * @throws Refusal when it cannot be read; for errors in it, with each on a line of its own: `file:line:column: message`.
 */
export async function readPolicy(file: string): Promise<{ policy: Policy; warnings: readonly Finding[] }> {
  const { policy, findings } = parsePolicy(await read(file), file);
  if (policy) return { policy, warnings: findings };
  const errors = findings.filter(({ severity }) => severity === 'error');
  throw new Refusal(
    [
      `nothing of the policy ${file} is used, since it has ${count(errors.length, 'error')}:`,
      ...errors.map(findingLine),
    ].join('\n'),
  );
}

/** All that is wrong or doubtful in a file. Throws Refusal when it cannot be read. */
export async function readFindings(file: string): Promise<readonly Finding[]> {
  return parsePolicy(await read(file), file).findings;
}

/** A finding as compilers print theirs, which editors jump to. */
export function findingLine({ file, line, column, message }: Finding): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** The text of a file: at most `LARGEST` bytes of UTF-8. */
async function read(file: string): Promise<string> {
  const bytes = await buffer(createReadStream(file, { end: LARGEST })).catch(
    (error: NodeJS.ErrnoException) => {
      const why = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno);
      throw new Refusal(`cannot read the policy ${file}: ${why}`);
    },
  );
  if (bytes.length > LARGEST) throw new Refusal(`${file} is larger than 1 MiB, so it is no policy`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`the policy ${file} is no UTF-8 text: save it as UTF-8`);
  }
}

// `docker tidy inventory`: the engine's state as JSON, to plan on later or elsewhere.
import { rename, writeFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';

export async function inventory(invocation: Invocation): Promise<number> {
  if (invocation.operands.length > 0) throw new UsageError('docker tidy inventory takes no arguments');
  return await withEngine(invocation, async (client, { host }) => {
    const { EVERYTHING, observe } = await import('../engine/observe.ts');
    const observed = await orCancelled(observe(client, host, EVERYTHING, new Date()), invocation.cancelled);
    const json = `${JSON.stringify(observed, null, 2)}\n`;
    const file = optionValue(invocation, 'output');
    if (file === undefined || file === '-') invocation.stdout.write(json);
    else await save(file, json);
    return 0;
  });
}

/** Whole or not at all: a reader never sees half a file. */
async function save(file: string, text: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, text);
    await rename(part, file);
  } catch (error) {
    const { errno, message } = error as NodeJS.ErrnoException;
    const why = errno === undefined ? message : getSystemErrorMessage(errno);
    throw new Refusal(`cannot write ${file}: ${why}`);
  }
}

// A trace from a file, or the history in a ledger, checked: it may come from another machine or be made by hand.
import { readFile } from 'node:fs/promises';
import { text as input } from 'node:stream/consumers';
import { getSystemErrorMessage } from 'node:util';
import * as z from 'zod/mini';
import { Refusal } from '../core/errors.ts';
import { readLedgerText } from '../core/last-use-file.ts';
import type { Trace } from '../core/replay-trace.ts';
import { TRACE_VERSION, traceOf } from '../core/replay-trace.ts';

const time = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'is no time'));
const size = z.number().check(z.minimum(0));
const strings = z.array(z.string());

const schema = z.object({
  schemaVersion: z.literal(TRACE_VERSION),
  since: time,
  until: time,
  images: z.record(
    z.string(),
    z.object({
      size,
      created: z.optional(time),
      labels: z._default(z.record(z.string(), z.string()), {}),
      parent: z.optional(z.string()),
      layers: z.optional(strings),
    }),
  ),
  layers: z._default(z.record(z.string(), size), {}),
  events: z.array(
    z.object({
      at: time,
      image: z.string(),
      does: z.enum(['arrived', 'named', 'used', 'gone']),
      names: z.optional(strings),
    }),
  ),
});

/** Reads a ledger or a trace; `-` is standard input. Throws Refusal that names the file and what is wrong in it. */
export async function readTrace(file: string): Promise<Trace> {
  const text = await (file === '-' ? input(process.stdin) : readFile(file, 'utf8')).catch((error) => {
    throw new Refusal(
      `cannot read the ledger ${file}: ${getSystemErrorMessage(error.errno) ?? error.message}`,
    );
  });
  return parseTrace(text, file === '-' ? 'standard input' : file);
}

/** The trace in `text`; `file` is its name in errors. */
export function parseTrace(text: string, file: string): Trace {
  const document = parseJson(text, file);
  if (typeof document !== 'object' || document === null || !('events' in document))
    return ofLedger(text, file);
  const { schemaVersion: version } = document as { schemaVersion?: unknown };
  if (typeof version === 'number' && version > TRACE_VERSION) throw newer(file);
  const result = z.safeParse(schema, document);
  if (result.success) return result.data as Trace;
  const { path, message } = result.error.issues[0] as { path: PropertyKey[]; message: string };
  const place = path.length > 0 ? `${path.join('.')}: ` : '';
  throw new Refusal(`${file} is no trace: ${place}${message}`);
}

function ofLedger(text: string, file: string): Trace {
  const ledger = readLedgerText(text);
  if (ledger === 'newer') throw newer(file);
  if (ledger === 'damaged') throw new Refusal(`${file} is neither a ledger of docker tidy nor a trace`);
  return traceOf(ledger);
}

function newer(file: string): Refusal {
  return new Refusal(`${file} is of a newer format than this version reads: update docker tidy`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(`${file} is no JSON: ${(error as Error).message}`);
  }
}

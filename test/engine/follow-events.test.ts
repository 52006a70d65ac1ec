// The engine's events as they come, from servers that send them as engines do.
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../src/core/last-use-events.ts';
import { connect } from '../../src/engine/client.ts';
import { followEvents } from '../../src/engine/follow-events.ts';
import { endpointAt, engine, onSocket } from '../support/servers.ts';

const line = (more: object) =>
  `${JSON.stringify({ time: 1_700_000_000, timeNano: 1_700_000_000_123_000_000, ...more })}\n`;
const TAG = line({
  Type: 'image',
  Action: 'tag',
  Actor: { ID: 'sha256:1', Attributes: { name: 'größe:1' } },
});

/** Follows a server that answers /events with what `send` writes; resolves to what was heard, and how it ended. */
async function followed(send: (answer: ServerResponse, stop: () => void) => void) {
  const over = new AbortController();
  const asked: URL[] = [];
  const host = await onSocket(
    engine((request, answer) => {
      asked.push(new URL(request.url ?? '', 'http://engine'));
      answer.writeHead(200, { 'Content-Type': 'application/json' });
      answer.flushHeaders();
      send(answer, () => over.abort());
    }),
  );
  const client = await connect(endpointAt(host));
  const heard: ('heard' | EngineEvent)[] = [];
  const following = followEvents(client, {
    signal: over.signal,
    heard: () => heard.push('heard'),
    event: (event) => heard.push(event),
  });
  const ended = await following.catch((error: Error) => `${error.name}: ${error.message}`);
  client.close();
  return { asked, heard, ended };
}

test('events are told as they come, though one comes in pieces, until the engine ends the stream', async () => {
  const { asked, heard, ended } = await followed((answer) => {
    const bytes = Buffer.from(TAG);
    const half = bytes.indexOf(0xc3) + 1; // in the middle of a letter
    answer.write(bytes.subarray(0, half));
    setTimeout(() => {
      answer.write(bytes.subarray(half));
      answer.end(line({ Type: 'container', Action: 'die', Actor: { ID: 'c1' }, timeNano: undefined }));
    }, 20);
  });
  expect(heard).toEqual([
    'heard',
    expect.objectContaining({
      type: 'image',
      action: 'tag',
      id: 'sha256:1',
      name: 'größe:1',
      at: '2023-11-14T22:13:20.123Z',
    }),
    expect.objectContaining({ type: 'container', action: 'die', id: 'c1', at: '2023-11-14T22:13:20.000Z' }),
  ]);
  expect(ended).toMatch(/^EngineError: .*has ended the stream/);
  const filters = JSON.parse(asked[0]?.searchParams.get('filters') ?? '');
  expect(filters.event).toContain('die');
  expect(filters.event.join(' ')).not.toMatch(/exec|health|attach|top/);
});

test('a connection that breaks is an error of the engine, and what is no event is passed over', async () => {
  const { heard, ended } = await followed((answer) => {
    answer.write(`\n{"Type":"image"}\n{"Type":"im`);
    setTimeout(() => answer.destroy(), 20);
  });
  expect(heard).toEqual(['heard']);
  expect(ended).toMatch(/^EngineError: the connection to .* was dropped/);
});

test('it ends when it is cancelled', async () => {
  const { ended } = await followed((_, stop) => setTimeout(stop, 20));
  expect(ended).toMatch(/^Cancelled/);
});

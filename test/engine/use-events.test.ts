// What is asked of an engine about its past: a bounded time, and its start only where that matters.
import { expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import type { Client } from '../../src/engine/client.ts';
import { eventsSince } from '../../src/engine/use-events.ts';

const TOLD = { SystemTime: '2026-11-21T02:41:09.123456789Z', LiveRestoreEnabled: false };
const NOW = '2026-11-21T02:41:09.123Z';
const at = (time: string) => ({ time: Date.parse(time) / 1000, timeNano: Date.parse(time) * 1e6 });
const run = (time: string) => ({
  Type: 'container',
  Action: 'start',
  Actor: { ID: 'c1', Attributes: { image: 'app:1', name: 'web', 'tidy.secret': 'no' } },
  ...at(time),
});

/** An engine that tells these events and was started then; and what it was asked. */
function engine(events: readonly object[] | EngineError, { started = '', podman = false } = {}) {
  const asked: unknown[] = [];
  const read = async (
    _method: string,
    path: string,
    query: object,
    _: object,
    work: (of: object) => unknown,
  ) => {
    asked.push([path, query]);
    if (events instanceof EngineError) throw events;
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    return await work({
      body: (async function* () {
        yield Buffer.from(text);
      })(),
    });
  };
  const call = async (_: string, path: string) => {
    asked.push([path]);
    return { Created: started };
  };
  return { client: { podman, read, call } as unknown as Client, asked };
}

test('the first look asks for all, up to when the engine was asked, and notices no gap', async () => {
  const { client, asked } = engine([run('2026-11-20T10:00:00.000Z')]);
  expect(await eventsSince(client, TOLD, undefined)).toEqual({
    events: [
      {
        at: '2026-11-20T10:00:00.000Z',
        type: 'container',
        action: 'start',
        id: 'c1',
        name: 'web',
        image: 'app:1',
      },
    ],
    seen: { until: NOW, last: '2026-11-20T10:00:00.000Z' },
  });
  expect(asked).toEqual([['/events', { since: '1', until: '1795228869.123456789' }]]);
});

test('later ones go back to the last event that was known, and tell what came since', async () => {
  const { client, asked } = engine([run('2026-11-20T10:00:00.500Z'), run('2026-11-20T12:00:00.000Z')]);
  const seen = { until: '2026-11-20T11:00:00.000Z', last: '2026-11-20T10:00:00.500Z' };
  const heard = await eventsSince(client, TOLD, seen);
  expect(heard?.events.map((event) => event.at)).toEqual(['2026-11-20T12:00:00.000Z']);
  expect(heard?.gap).toBeUndefined();
  expect(asked).toEqual([['/events', { since: '1795168800', until: '1795228869.123456789' }]]);
});

test('an engine that was started since is a gap until then; one that keeps containers alive over that, until its first event', async () => {
  const seen = { until: '2026-11-20T11:00:00.000Z', last: '2026-11-20T10:00:00.000Z' };
  const { client } = engine([run('2026-11-21T01:00:00.000Z')], { started: '2026-11-21T00:00:00Z' });
  expect((await eventsSince(client, TOLD, seen))?.gap).toBe('2026-11-21T00:00:00.000Z');
  const alive = { ...TOLD, LiveRestoreEnabled: true };
  expect((await eventsSince(client, alive, seen))?.gap).toBe('2026-11-21T01:00:00.000Z');
});

test('podman is told not to wait, and no end', async () => {
  const { client, asked } = engine([], { podman: true });
  expect((await eventsSince(client, TOLD, { until: NOW }))?.gap).toBe(NOW);
  expect(asked).toEqual([['/events', { since: '1795142469', stream: 'false' }]]);
});

test('an engine that tells neither the time nor events leaves all unknown', async () => {
  expect(await eventsSince(engine([]).client, {}, undefined)).toBeUndefined();
  const { client } = engine(new EngineError('no such page', { status: 404 }));
  expect(await eventsSince(client, TOLD, undefined)).toBeUndefined();
});

import { within } from '@trojanscope/testing/live';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Change, createEvents, type Events } from './events.js';

/** The contract: what every driver does. Another one becomes a line of this list. */
const DRIVERS: Record<string, () => Events> = { memory: createEvents };

describe.each(Object.entries(DRIVERS))('%s', (_, create) => {
  let events: Events;
  let stop: AbortController;
  beforeEach(() => {
    events = create();
    stop = new AbortController();
  });
  afterEach(() => stop.abort());
  const next = (changes: AsyncGenerator<Change>, count = 1) =>
    within(5_000, 'a change', async () => {
      const read: Change[] = [];
      while (read.length < count) read.push((await changes.next()).value);
      return read;
    });

  test('every reader reads every change from when it asked, before it looks too', async () => {
    events.emit('Job', 'job_before');
    const readers = [events.changes(stop.signal), events.changes(stop.signal)];
    events.emit('Job', 'job_a');
    events.emit('Model', 'mod_a', true);
    const expected = [
      { type: 'Job', id: 'job_a', progress: false },
      { type: 'Model', id: 'mod_a', progress: true },
    ];
    for (const reader of readers) expect(await next(reader, 2)).toEqual(expected);
    const waiting = next(readers[0]!);
    events.emit('Sweep', 'swp_a');
    expect(await waiting).toEqual([{ type: 'Sweep', id: 'swp_a', progress: false }]);
  });

  test('who asks for one entity reads of no other', async () => {
    const changes = events.changes(stop.signal, 'job_b');
    for (const id of ['job_a', 'job_b', 'job_c']) events.emit('Job', id);
    events.emit('Job', 'job_b');
    expect(await next(changes)).toEqual([{ type: 'Job', id: 'job_b', progress: false }]);
  });

  test('what is still unread is told once, and is no mere progress if any of it was not', async () => {
    const changes = events.changes(stop.signal);
    for (const progress of [true, false, true]) events.emit('Job', 'job_a', progress);
    for (const progress of [true, true]) events.emit('Job', 'job_b', progress);
    expect(await next(changes, 2)).toEqual([
      { type: 'Job', id: 'job_a', progress: false },
      { type: 'Job', id: 'job_b', progress: true },
    ]);
  });

  test('a reader ends with its signal, whether it waits or not, and others read on', async () => {
    const own = new AbortController();
    const [waiting, idle, other] = [own, own, stop].map(({ signal }) => events.changes(signal));
    const last = waiting!.next();
    own.abort();
    for (const end of [last, waiting!.next(), idle!.next()])
      expect(await within(5_000, 'the end', () => end)).toEqual({ done: true, value: undefined });
    events.emit('Job', 'job_a');
    expect(await next(other!)).toMatchObject([{ id: 'job_a' }]);
  });
});

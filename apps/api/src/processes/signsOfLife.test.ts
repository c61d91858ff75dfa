import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchSignsOfLife } from './signsOfLife.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A child as far as it is looked at. */
function aChild() {
  const pipe = new EventEmitter();
  const child = Object.assign(new EventEmitter(), { stdio: [null, null, null, null, pipe] });
  const silent = vi.fn();
  watchSignsOfLife(child as unknown as ChildProcess, silent);
  return { pipe, child, silent };
}

test('a child that gives signs of life is left alone, however long it runs', () => {
  const { pipe, silent } = aChild();
  for (let i = 0; i < 1_000; i++) {
    vi.advanceTimersByTime(44_000);
    pipe.emit('data', Buffer.from('.'));
  }
  expect(silent).not.toHaveBeenCalled();
});

test('one that falls silent is told once, within 50 seconds', () => {
  const { pipe, silent } = aChild();
  vi.advanceTimersByTime(30_000);
  pipe.emit('data', Buffer.from('.'));
  vi.advanceTimersByTime(44_000);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(6_000);
  expect(silent).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(600_000);
  expect(silent).toHaveBeenCalledTimes(1);
});

test('what it last said of its memory is known', () => {
  const pipe = new EventEmitter();
  const child = Object.assign(new EventEmitter(), { stdio: [null, null, null, null, pipe] });
  const bytes = watchSignsOfLife(child as unknown as ChildProcess, () => {});
  expect(bytes()).toBe(0);
  pipe.emit('data', Buffer.from('1000\n2000\n'));
  expect(bytes()).toBe(2_000);
  child.emit('exit');
});

test('one that has ended is watched no longer', () => {
  const { child, silent } = aChild();
  child.emit('exit');
  vi.advanceTimersByTime(600_000);
  expect(silent).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

import { expect, test } from 'vitest';
import { byCodePoint, isLitter, normalName } from './names.js';

test.each([
  '.DS_Store',
  'cat/.gitkeep',
  '.ipynb_checkpoints/a-checkpoint.png',
  'train/cat/.ipynb_checkpoints/1-checkpoint.png',
  '__MACOSX/cat/._1.png',
  'cat/._1.png',
  'cat/@eaDir/1.png/SYNOPHOTO_THUMB_XL.jpg',
  'cat/THUMBS.DB',
  'Desktop.ini',
  '$RECYCLE.BIN/1.png',
  'System Volume Information/x',
  'lost+found/1.png',
  '.git/config',
  'checkpoints/last.pth',
  'cat/epoch_3.CKPT',
  'runs/events.out.tfevents.1700000000.host.1.0',
])('%s is litter', (name) => expect(isLitter(name)).toBe(true));

test.each([
  'cat/1.png',
  'desktop/1.png',
  'a.b/c.d',
  'macosx/1.png',
  'thumbs.db.png',
  'checkpoints/1.png',
  'weights.safetensors',
])('%s is none', (name) => expect(isLitter(name)).toBe(false));

test('composed and decomposed names are one', () => {
  expect(normalName('cafe\u0301')).toBe('caf\u00e9');
});

test('the order of code points is that of Python: capitals first, 10 before 2, beyond U+FFFF last', () => {
  expect(byCodePoint(['\u{1F408}', '\uFF21', 'a', 'B', '10', '2', 'é'])).toEqual([
    '10',
    '2',
    'B',
    'a',
    'é',
    '\uFF21',
    '\u{1F408}',
  ]);
});

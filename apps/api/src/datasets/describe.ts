import type { ClassOrder, SplitName } from '@trojanscope/core';
import { count } from '../archives/sourceFile.js';
import type { KnownDataset } from './catalog.js';
import { formatBytes } from './progress.js';

/** A line of `data list`. */
export function listLine({ id, title, state, counts, classNames, shape }: KnownDataset): string {
  const size = `${shape.width}×${shape.height}×${shape.channels}`;
  const images = `${count(counts.train)} + ${count(counts.test)} images, ${classNames.length} classes, ${size}`;
  const how = state === 'not imported' ? ` (\`data show ${id}\` tells how to get it)` : '';
  return `${id.padEnd(13)} ${state.padEnd(12)} ${title}: ${images}${how}`;
}

const ORDER_WORDS: Record<ClassOrder, string> = {
  numeric: '2 before 10',
  codepoint: '10 before 2, as torchvision’s ImageFolder has them',
  listed: 'as its manifest lists them',
};

/** What `data show` says. */
export function describeDataset(dataset: KnownDataset, classCounts?: Record<SplitName, number[]>): string {
  const { description, source, classNames } = dataset;
  const lines = [listLine(dataset), description, [source.citation, source.url].filter(Boolean).join(' ')];
  if (dataset.state === 'not imported')
    lines.push('To get it, run one of', ...(dataset.howToGet ?? []).map((command) => `  ${command}`));
  if (dataset.state === 'imported') {
    const { from, at, files, skipped, notes } = dataset.imported;
    lines.push(`Imported ${at.slice(0, 10)}. ${from}`);
    for (const { name, bytes, sha256 } of files)
      lines.push(`  ${name}, ${formatBytes(bytes)}, SHA-256 ${sha256}`);
    lines.push(...(notes ?? []));
    for (const { name, reason } of skipped ?? []) lines.push(`  left out: ${name}: ${reason}`);
  }
  if (classCounts) {
    if (dataset.classOrder)
      lines.push(`Class order: ${dataset.classOrder}, ${ORDER_WORDS[dataset.classOrder]}.`);
    const width = Math.max('class'.length, ...classNames.map((name) => name.length));
    lines.push('', `    ${'class'.padEnd(width)}   train    test`);
    for (const [label, name] of classNames.entries()) {
      const numbers = [classCounts.train[label]!, classCounts.test[label]!].map((n) => count(n).padStart(8));
      lines.push(`${String(label).padStart(3)} ${name.padEnd(width)}${numbers.join('')}`);
    }
  }
  return lines.join('\n');
}

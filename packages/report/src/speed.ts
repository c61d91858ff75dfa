import { z } from 'zod';
import type { Block } from './document.js';
import { text } from './words.js';

/** What `npm run -s bench -- --json` prints. */
export const benchmarkSchema = z.object({
  cpus: z.number(),
  processor: z.string(),
  peer: z.object({ torch: z.string() }),
  results: z.array(
    z.object({
      task: z.string(),
      unit: z.string(),
      ours: z.number(),
      peer: z.number(),
      ratio: z.number(),
      ratios: z.array(z.number()),
    }),
  ),
});
export type Benchmark = z.output<typeof benchmarkSchema>;

export function speed({ cpus, processor, peer, results }: Benchmark): Block[] {
  const number = (value: number) => value.toLocaleString('en');
  return [
    text(
      `Sweeps end to end, stored, beside the same in PyTorch ${peer.torch} with Pillow; in turns in one run, on ${cpus} cores (${processor}).`,
    ),
    {
      kind: 'TABLE',
      caption: 'Throughput, medians of the pairs',
      columns: ['Task', 'trojanscope', 'PyTorch + Pillow', 'Ratio', 'Ratio of each pair'],
      rows: results.map((result) => [
        result.task,
        `${number(result.ours)} ${result.unit}`,
        `${number(result.peer)} ${result.unit}`,
        `${result.ratio.toFixed(2)}×`,
        result.ratios.map((ratio) => ratio.toFixed(2)).join(', '),
      ]),
    },
  ];
}

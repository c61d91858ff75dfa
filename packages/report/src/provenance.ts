import { type StudyModel, type StudyResults } from '@trojanscope/core/evaluation';
import type { Block } from './document.js';

/** Each model with what made it. */
export function provenance({ models }: StudyResults): Block[] {
  const minutes = (seconds: number) =>
    seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
  const ofPlanned = ({ planned, effective }: { planned: number; effective: number }) =>
    `${effective.toLocaleString('en')} of ${planned.toLocaleString('en')} planned`;
  const swept = ({ curves }: StudyModel) => {
    const timed = curves.filter(({ seconds }) => seconds !== null);
    const seconds = timed.reduce((sum, curve) => sum + curve.seconds!, 0);
    const samples = timed.reduce(
      (sum, { points }) => sum + points.reduce((all, { counts }) => all + counts.samples, 0),
      0,
    );
    return seconds > 0
      ? `${samples.toLocaleString('en')} samples in ${minutes(seconds)}, ${Math.round(samples / seconds).toLocaleString('en')} a second`
      : '–';
  };
  const trained = models.filter(({ record }) => record);
  if (trained.length === 0) return [];
  return [
    {
      kind: 'TABLE',
      caption: 'Each model with what made it',
      columns: [
        'Model',
        'Seed',
        'Starts from',
        'Poisoned',
        'Made in',
        'Sweeps',
        'Engine',
        'Version',
        'Weights',
      ],
      rows: trained.map((model) => {
        const { spec, record, importedFrom } = model;
        const { poison, durationSeconds, engine, version, weightsSha256, base } = record!;
        const made = durationSeconds === undefined ? 'unknown' : minutes(durationSeconds);
        return [
          model.name,
          String(spec.seed),
          spec.start === 'MODEL' ? `weights ${base?.weightsSha256.slice(0, 12) ?? 'unknown'}` : 'scratch',
          poison ? ofPlanned(poison) + (poison.covers ? `; ${ofPlanned(poison.covers)} covers` : '') : '–',
          made + (importedFrom ? `; imported from ${importedFrom}` : ''),
          swept(model),
          engine,
          version,
          weightsSha256.slice(0, 12),
        ];
      }),
    },
  ];
}

import { transformOf } from '@trojanscope/core';
import {
  asrRetained,
  ROBUSTNESS_SUITE,
  type RobustnessProfile,
  type SettingHits,
  type SuiteSetting,
  settingWords,
} from '@trojanscope/core/evaluation';
import type { Db, Row } from '../store/database.js';
import { finishedSweepsOf, hitsOfSamples } from '../store/sweeps.js';

type Sweep = Row<'sweep'>;

/** A trojaned model's robustness profile, from its finished sweeps; what is missing in words where they do not suffice. */
export async function robustnessProfile(db: Db, modelId: string): Promise<RobustnessProfile> {
  const { name: suite, settings } = ROBUSTNESS_SUITE;
  const found = sameSamples(await finishedSweepsOf(db, modelId), settings);
  const missing = settings.filter((setting) => !found.has(setting)).map(settingWords);
  const unknown = { suite, value: null, low: null, high: null, samples: null };
  if (missing.length > 0) return { ...unknown, missing };
  const hits = await Promise.all([...found].map(([setting, { id }]) => hitsOf(db, id, setting)));
  const retained = asrRetained(hits);
  if (!retained)
    return { ...unknown, missing: ['A sample whose untransformed trojaned image hits the target'] };
  const { value, low, high } = retained;
  return {
    suite,
    value,
    low,
    high: Number.isFinite(high) ? high : null,
    samples: hits[0]!.samples.length,
    missing,
  };
}

/** The newest sweeps with the settings' values and the identity that are of the same samples, as many as there are. */
function sameSamples(sweeps: readonly Sweep[], settings: readonly SuiteSetting[]): Map<SuiteSetting, Sweep> {
  const samplesOf = ({ samples, seed, eligibility, benign_id }: Sweep) =>
    JSON.stringify([samples, seed, eligibility, benign_id]);
  let most = new Map<SuiteSetting, Sweep>();
  for (const samples of new Set(sweeps.map(samplesOf))) {
    const found = new Map<SuiteSetting, Sweep>();
    for (const setting of settings) {
      const wanted = [identityOf(setting), ...setting.values];
      const sweep = sweeps.find(
        (one) =>
          samplesOf(one) === samples &&
          one.transform === setting.transform &&
          one.target === setting.target &&
          wanted.every((value) => one.values.includes(value)),
      );
      if (sweep) found.set(setting, sweep);
    }
    if (found.size > most.size) most = found;
  }
  return most;
}

async function hitsOf(db: Db, sweepId: string, setting: SuiteSetting): Promise<SettingHits> {
  const rows = await hitsOfSamples(db, sweepId, identityOf(setting), setting.values);
  return {
    samples: rows.map(({ sample }) => sample),
    atIdentity: rows.map(({ atIdentity }) => atIdentity),
    hits: rows.map(({ hits }) => hits),
    values: setting.values.length,
  };
}

const identityOf = ({ transform }: SuiteSetting) => transformOf(transform).identity;

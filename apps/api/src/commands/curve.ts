import { Command, Option } from 'commander';
import { CURVE_COLUMNS, pointRow, type RatedPoint } from '../tables/curves.js';
import { FORMATS, type TableRow } from '../tables/format.js';
import { modelIdOf } from './asking/api.js';
import { catalogFor } from './asking/catalog.js';
import { CURVE, type Curve, curveTable, plot, titleOf } from './asking/curves.js';
import { printJson } from './asking/print.js';
import { choiceOption } from './asking/schemaOptions.js';
import { type ApiOptions, addressed, withApi } from './asking/where.js';

interface Options extends ApiOptions {
  transform?: string;
  target?: string;
  sweep?: string[];
  csv?: boolean;
  plot?: boolean;
}

/** `curve MODEL…`: what sweeps came to, as a table, as CSV or drawn. */
export async function curveCommand(words: readonly string[]): Promise<Command> {
  const { transforms } = await catalogFor(words);
  return addressed(
    new Command('curve')
      .argument('[model...]', 'ids or names of models; all when left out')
      .addOption(
        choiceOption(
          '--transform <transform>',
          'of this transform',
          transforms.map(({ id }) => id),
        ),
      )
      .addOption(choiceOption('--target <word>', 'of this target', ['TRIGGER', 'IMAGE']))
      .option(
        '--sweep <id...>',
        'exactly these sweeps; else the newest finished of each model, transform and target',
      )
      .addOption(
        new Option('--csv', 'one line a point, as the dashboard downloads it').conflicts(['plot', 'json']),
      )
      .addOption(new Option('--plot', 'draw them here').conflicts('json')),
  ).action(async (models: string[], given: Options) => {
    await withApi(given, false, async (api) => {
      const modelIds = await Promise.all(models.map((model) => modelIdOf(api, model)));
      const filter = {
        ...(modelIds.length > 0 && { modelIds }),
        ...(given.sweep && { sweepIds: given.sweep }),
        transform: given.transform,
        target: given.target,
      };
      const { robustnessCurves: curves } = await api.ask<{ robustnessCurves: FullCurve[] }>(
        `query ($filter: CurveFilter!) { robustnessCurves(filter: $filter) ${CURVE} }`,
        { filter },
      );
      if (given.json) return printJson(curves);
      if (given.csv) return writeCsv(curves);
      if (curves.length === 0) return console.error('There are no such curves. `sweep` makes one.');
      const width = Math.max(20, Math.min(80, (process.stdout.columns || 80) - 8));
      const drawn = curves.map(
        (curve) =>
          `${curve.model.name}: ${titleOf(curve)} (${curve.sweep.id})\n${given.plot ? plot(curve, width) : curveTable(curve)}`,
      );
      console.log(drawn.join('\n\n'));
    });
  });
}

/** With what only the table has. */
interface FullCurve extends Curve {
  model: Curve['model'] & { dataset: { id: string }; attack: { id: string } | null };
  sweep: { id: string; samples: number };
  points: (Curve['points'][number] & RatedPoint)[];
}

async function writeCsv(curves: readonly FullCurve[]): Promise<void> {
  async function* rows(): AsyncGenerator<TableRow> {
    for (const { model, sweep, transform, target, unit, points } of curves)
      for (const point of points)
        yield {
          modelId: model.id,
          modelName: model.name,
          dataset: model.dataset.id,
          attack: model.attack?.id ?? null,
          sweepId: sweep.id,
          transform: transform.id,
          target,
          unit,
          ...pointRow(point),
          samplesAsked: sweep.samples,
        };
  }
  for await (const line of FORMATS.csv.write(CURVE_COLUMNS, rows())) process.stdout.write(line);
}

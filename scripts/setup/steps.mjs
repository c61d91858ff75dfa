import { StepError } from './child.mjs';
import { showProgress } from './progress.mjs';

/**
 * A step is `{ title(options), isDone, run }`: `isDone(options)` looks at what is there, in milliseconds;
 * `run(options, report)` makes it so, and must be safe to kill at any moment: its result appears by a
 * rename or, where a tool writes it in place, counts only once something written after it says so.
 *
 * `steps` is a Map from each step to those it waits for; the others run side by side. After a failure
 * nothing new begins, but what runs is left to finish: its result is kept, so the next try starts there.
 */
export async function runSteps(steps, options, out = process.stderr) {
  const progress = showProgress(out);
  const started = new Map();
  let failed = false;

  const start = (step) => {
    if (!started.has(step)) started.set(step, runAfterOthers(step));
    return started.get(step);
  };

  async function runAfterOthers(step) {
    await Promise.all(steps.get(step).map(start));
    if (failed || step.isDone(options)) return;
    const line = progress.begin(step.title(options));
    try {
      await step.run(options, line.report);
      line.end('✓');
    } catch (error) {
      failed = true;
      line.end('✗');
      progress.print(error instanceof StepError ? error.message : error.stack);
    }
  }

  await Promise.all([...steps.keys()].map(start));
  progress.stop(failed ? '' : 'Set-up took');
  if (failed)
    throw new StepError(
      'Set-up stopped. Once that is put right, run the same command again: it goes on from here.',
    );
}

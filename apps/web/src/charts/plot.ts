/**
 * Observable Plot, which is a quarter of a page's script: fetched when the first chart is drawn, not with the page.
 * Chart functions run after `loadPlot`.
 */
export let Plot: typeof import('./marks');

export async function loadPlot(): Promise<void> {
  Plot ??= await import('./marks');
}

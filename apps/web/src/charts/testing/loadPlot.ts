import { loadPlot } from '../plot';

await loadPlot();

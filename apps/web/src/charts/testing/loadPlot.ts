import { loadPlot } from '../chart';

await loadPlot();

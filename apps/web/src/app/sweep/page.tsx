export { SweepPage as default } from '../../features/sweeps/SweepPage';

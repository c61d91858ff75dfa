export { ComparePage as default } from '../../features/comparison/ComparePage';

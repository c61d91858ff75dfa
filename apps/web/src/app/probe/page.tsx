export { ProbePage as default } from '../../features/probe/ProbePage';

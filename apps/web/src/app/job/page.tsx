export { JobPage as default } from '../../features/jobs/JobPage';

export { GraphiqlPage as default } from '../../features/api/GraphiqlPage';

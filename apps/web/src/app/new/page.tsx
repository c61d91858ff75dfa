export { NewPage as default } from '../../features/create/NewPage';

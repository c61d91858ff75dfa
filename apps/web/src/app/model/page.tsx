export { ModelPage as default } from '../../features/models/ModelPage';

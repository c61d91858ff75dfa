export { ModelsPage as default } from '../../features/models/ModelsPage';

export { DatasetsPage as default } from '../../features/datasets/DatasetsPage';

export { CurvesPage as default } from '../../features/curves/CurvesPage';

export { ReportPage as default } from '../../features/studies/ReportPage';

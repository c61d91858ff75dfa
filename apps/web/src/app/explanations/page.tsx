export { ExplanationsPage as default } from '../../features/explanations/ExplanationsPage';

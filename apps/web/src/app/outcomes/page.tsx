export { OutcomesPage as default } from '../../features/outcomes/OutcomesPage';

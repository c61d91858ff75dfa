export { DefencesPage as default } from '../../features/defences/DefencesPage';

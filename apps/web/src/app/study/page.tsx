export { StudyPage as default } from '../../features/studies/StudyPage';

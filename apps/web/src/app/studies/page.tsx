export { StudiesPage as default } from '../../features/studies/StudiesPage';

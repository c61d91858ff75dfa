import classes from './Warnings.module.css';

/** What the import of a model had to say of how well it does here. */
export function Warnings({ warnings }: { warnings: readonly string[] }) {
  return (
    <section className={classes.warnings} aria-label="Doubts">
      {warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </section>
  );
}

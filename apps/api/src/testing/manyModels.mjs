import path from 'node:path';
import Database from 'better-sqlite3';

/**
 * Fills a data folder that holds a finished smoke study with copies of its trojaned model, each with one sweep and its
 * points. They are older than what is there.
 * @param {string} dataFolder
 * @param {number} count
 */
export function addModels(dataFolder, count) {
  const sqlite = new Database(path.join(dataFolder, 'trojanscope.sqlite'));
  const { model, sweep } = sqlite
    .prepare('select model_id as model, id as sweep from sweep order by id limit 1')
    .get();
  const id = (prefix, number = 'i') => `printf('${prefix}_%026d', ${number})`;
  const copy = (table, [column, original], changes) => {
    const columns = sqlite.pragma(`table_info(${table})`).map(({ name }) => name);
    const values = columns.map((name) => changes[name] ?? `"${name}"`);
    sqlite
      .prepare(
        `with recursive copy(i) as (select 0 union all select i + 1 from copy where i < ${count - 1})
         insert into ${table} (${columns.map((name) => `"${name}"`)})
         select ${values} from copy, ${table} where ${column} = ?`,
      )
      .run(original);
  };
  sqlite.transaction(() => {
    copy('model', ['id', model], { id: id('mod'), name: `name || ' ' || i` });
    copy('sweep', ['id', sweep], { id: id('swp'), model_id: id('mod') });
    copy('point', ['sweep_id', sweep], { id: id('pnt', '100 * i + position'), sweep_id: id('swp') });
  })();
  sqlite.close();
}

import { describe, expect, it } from 'vitest';
import {
  columnsText,
  modelsFilter,
  nextOrders,
  ordersText,
  parseColumns,
  parseOrders,
  parseTags,
  tagsText,
  usualColumns,
} from './modelList';

describe('orders in an address', () => {
  it('come back as they were, and pass over what they do not know', () => {
    const orders = parseOrders('-asr,name,colour,');
    expect(orders).toEqual([
      { field: 'ASR', direction: 'DESC' },
      { field: 'NAME', direction: 'ASC' },
    ]);
    expect(ordersText(orders)).toBe('-asr,name');
    expect(ordersText(parseOrders(null))).toBeNull();
  });

  it('follow clicks: first its own way, then turned, then none', () => {
    const texts = ['-asr', 'asr', null];
    let orders = parseOrders(null);
    for (const text of texts) {
      orders = [...nextOrders(orders, 'ASR', false)];
      expect(ordersText(orders)).toBe(text);
    }
  });

  it('keep the others when one is added, turned or taken away', () => {
    const click = (text: string) => ordersText(nextOrders(parseOrders(text), 'NAME', true));
    expect(click('-asr')).toBe('-asr,name');
    expect(click('name,-asr')).toBe('-name,-asr');
    expect(click('-asr,-name')).toBe('-asr');
    expect(ordersText(nextOrders(parseOrders('-asr,-name'), 'ATTACK', false))).toBe('attack');
  });
});

describe('tags in an address', () => {
  it('may hold anything', () => {
    const tags = ['a, b', 'ä/%', 'c'];
    expect(parseTags(tagsText(tags))).toEqual(tags);
    expect(tagsText([])).toBeNull();
  });
});

describe('columns in an address', () => {
  it('stand behind the name in the order that is asked for', () => {
    expect(parseColumns('asr,seed,nonsense,asr')).toEqual(['name', 'asr', 'seed']);
    expect(columnsText(['name', 'asr', 'seed'])).toBe('asr,seed');
    expect(parseColumns('')).toEqual(['name']);
    expect(columnsText(['name'])).toBe('');
  });
  it('are not mentioned as long as they are the usual ones', () => {
    expect(parseColumns(null)).toEqual(usualColumns);
    expect(columnsText(usualColumns)).toBeNull();
  });
});

describe('modelsFilter', () => {
  const filter = (address: string) => {
    const params = new URLSearchParams(address);
    return modelsFilter((name) => params.get(name));
  };
  it('reads what people chose', () => {
    expect(filter('q=x&attack=benign&status=FAILED&tags=a')).toMatchObject({
      search: 'x',
      kind: 'BENIGN',
      status: ['FAILED'],
      tags: ['a'],
      deleted: false,
    });
    expect(filter('attack=uat&trash=1')).toMatchObject({ attack: 'uat', deleted: true });
  });
  it('passes over a state that there is not', () => {
    expect(filter('status=ASLEEP').status).toBeUndefined();
  });
});

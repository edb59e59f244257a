/** A figure as monitoring reads it: its name without our prefix, what it means, its value. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  readonly kind: string;
  readonly value: number;
}

const PREFIX = 'tasktrail_';

/** The figures of a Prometheus text that are ours and have no labels. */
export function readingsOf(text: string): readonly Reading[] {
  const said = new Map<string, string>();
  return text.split('\n').flatMap((line) => {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment) said.set(`${comment[1]} ${comment[2]}`, comment[3] ?? '');
    const [, name, figure] = /^(tasktrail_\w+) (\S+)$/.exec(line) ?? [];
    return name && figure ? readingOf(name, Number(figure), said) : [];
  });
}

function readingOf(name: string, value: number, said: ReadonlyMap<string, string>): Reading[] {
  if (Number.isNaN(value) || name.endsWith('_created')) return [];
  const short = name.slice(PREFIX.length).replace(/_total$/, '');
  const [help, kind] = ['HELP', 'TYPE'].map((what) => said.get(`${what} ${name}`) ?? '');
  return [{ name: short.replaceAll('_', ' '), help: help ?? '', kind: kind ?? '', value }];
}

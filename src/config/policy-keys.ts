// Keys that a policy file does not know: what may have been meant, or why there is no such thing.
import { closest, distance } from 'fastest-levenshtein';
import type { Path } from './policy-finding.ts';

/** As much of a JSON Schema as says which keys stand where. */
export interface KeySchema {
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly items?: KeySchema;
  readonly anyOf?: readonly KeySchema[];
}

type Keys = Readonly<Record<string, KeySchema>>;

/** Keys that are known and refused, wherever they stand. */
const REFUSED: Readonly<Record<string, string>> = {
  volumes:
    'no policy ever removes a volume: leave volumes out. docker tidy volumes removes the ones that you name',
  '<<': '<< merges no keys here: write them out, or give a whole value an &anchor and repeat it by *anchor',
};

/** Words of other tools, and of docker's, for what is called otherwise here. */
const MEANT: Readonly<Record<string, string>> = {
  until: 'olderThan',
  maxage: 'olderThan',
  keepstorage: 'reservedSpace',
  repository: 'references',
  repositorie: 'references',
  name: 'references',
  reference: 'references',
  tag: 'tags',
  label: 'labels',
  rule: 'images',
};

/** What to say of a key that is not known at `path`, its mapping. */
export function unknownKey(schema: KeySchema, path: Path, key: string): string {
  const refused = Object.hasOwn(REFUSED, key) ? REFUSED[key] : undefined;
  if (refused !== undefined) return refused;
  const known = keysAt(schema, path);
  const meant = sameWord(known, key, path) ?? within(known, key) ?? near(Object.keys(known), key);
  if (meant !== undefined) return `unknown key ${show(key)}: did you mean ${meant}?`;
  const elsewhere = placeOf(schema, key);
  if (elsewhere !== undefined) return `unknown key ${show(key)} here: it belongs ${elsewhere}`;
  return `unknown key ${show(key)}: leave it out. Here are known: ${Object.keys(known).join(', ')}`;
}

function show(key: string): string {
  return /^[\w.<-]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
}

/** The keys of the mapping at a path. */
function keysAt(schema: KeySchema, path: Path): Keys {
  const forms = path.reduce<readonly KeySchema[]>(
    (at, step) =>
      at.flatMap(({ properties, items }) =>
        alternatives(typeof step === 'number' ? items : properties?.[step]),
      ),
    alternatives(schema),
  );
  return keysOf(forms);
}

function alternatives(schema: KeySchema | undefined): readonly KeySchema[] {
  return schema ? [schema, ...(schema.anyOf ?? [])] : [];
}

function keysOf(forms: readonly KeySchema[]): Keys {
  return Object.assign({}, ...forms.map(({ properties }) => properties));
}

/** `older_than`, `Older-Than` and `olderThan` are one word, as are `tag` and `tags`. */
function plain(key: string): string {
  return key
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '')
    .replace(/s$/, '');
}

/** Another spelling of a known key, or one with the name of its mapping before it: `keepLast` in `keep`. */
function sameWord(known: Keys, key: string, path: Path): string | undefined {
  const own = plain(String(path.findLast((step) => typeof step === 'string') ?? ''));
  const wanted = [plain(key), ...(own && plain(key).startsWith(own) ? [plain(key).slice(own.length)] : [])];
  const found = Object.keys(known).find((word) => wanted.includes(plain(word)));
  if (found !== undefined) return found;
  const other = MEANT[plain(key)];
  return other !== undefined && Object.hasOwn(known, other) ? other : undefined;
}

/** A key of one of the mappings in this one: `keepLast` and `last` are `keep: { last: … }`. */
function within(known: Keys, key: string): string | undefined {
  const inner = Object.entries(known).flatMap(([outer, schema]) =>
    Object.keys(keysOf(alternatives(schema))).map((word) => ({ outer, word })),
  );
  const whole = inner.filter(({ outer, word }) => plain(outer + word) === plain(key));
  const last = inner.filter(({ word }) => plain(word) === plain(key));
  const found = whole.length > 0 ? whole : last;
  if (found.length === 0) return undefined;
  return found.map(({ outer, word }) => `${word} in ${outer}, as ${outer}: { ${word}: … }`).join(' or ');
}

/** The nearest known key, where one is near enough to be meant. */
function near(known: readonly string[], key: string): string | undefined {
  if (known.length === 0 || key.length > 60) return undefined;
  const found = closest(key, known);
  return distance(key, found) <= Math.max(2, Math.floor(key.length / 3)) ? found : undefined;
}

/** Where else a key is known: `keep` at the top of the file. */
function placeOf(schema: KeySchema, key: string): string | undefined {
  const top = keysOf(alternatives(schema));
  if (Object.hasOwn(top, key)) return 'at the top of the file';
  const forms = Object.entries(top).flatMap(([outer, inner]) =>
    alternatives(inner).flatMap((form) => [
      ...(form.properties ? [{ outer, keys: form.properties }] : []),
      ...alternatives(form.items).map((item) => ({ outer: `a rule of ${outer}`, keys: keysOf([item]) })),
    ]),
  );
  const found = forms.find(({ keys }) => Object.hasOwn(keys, key));
  return found && `in ${found.outer}`;
}

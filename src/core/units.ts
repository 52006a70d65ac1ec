// Sizes and ages as docker prints and reads them (go-units).

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

/**
 * A size in bytes as docker prints it: `1.049MB`, `0B`.
 * Source: docker/go-units HumanSize, `%.4g` of the value divided by 1000 while it is ≥ 1000.
 */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < DECIMAL.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${fourDigits(value)}${DECIMAL[unit]}`;
}

/** C's `%.4g` for 0 ≤ value < 1000: exact ties go to the even digit, where toPrecision rounds them up. */
function fourDigits(value: number): string {
  if (value === 0) return '0';
  const decimals = 3 - Math.floor(Math.log10(value));
  const [whole, fraction = ''] = value.toFixed(60).split('.'); // every digit of the double
  const dropped = fraction.slice(decimals);
  const digits = BigInt(`${whole}${fraction.slice(0, decimals)}`);
  const tie = /^50*$/.test(dropped);
  const up = tie ? digits % 2n === 1n : dropped >= '5';
  return String(Number(digits + (up ? 1n : 0n)) / 10 ** decimals);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A span of time in milliseconds as docker prints it: `3 weeks`, `About an hour`. Source: docker/go-units HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / SECOND);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(ms / MINUTE);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(ms / HOUR);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  const suffix = teen ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[n % 10] ?? 'th');
  return `${n}${suffix}`;
}

/** `1 image`, `2 images`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

const DURATIONS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: 24 * HOUR,
  w: 7 * 24 * HOUR,
  mo: 30 * 24 * HOUR,
  y: 365 * 24 * HOUR,
};

/**
 * A span of time in milliseconds: `90s`, `72h`, `7d`, `2w`, `3mo` (of 30 days), `1y` (of 365), sums (`1d12h`) and
 * fractions (`1.5h`). `undefined` for what is none. Go's own durations, which docker takes, are among them.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d*)?(ns|us|µs|ms|mo|[smhdwy]))+$/.test(text)) return text === '0' ? 0 : undefined;
  const parts = text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|mo|[smhdwy])/g);
  const ms = [...parts].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (DURATIONS[unit as string] as number),
    0,
  );
  return Number.isFinite(ms) ? ms : undefined;
}

/**
 * A size in bytes: `10000000`, `10kB`, `1.5GB` (powers of 1000), `10GiB` (of 1024), in any case and with or without the B.
 * `undefined` for what is none, and for a number of less than seven digits alone: who writes 50 does not mean 50 bytes.
 * Source: docker/go-units FromHumanSize and RAMInBytes.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgtpe])(i?)b?|b)$/i.exec(text) ?? /^(0+|\d{7,})$/.exec(text);
  if (!match) return undefined;
  const [, number, prefix = '', binary] = match;
  const power = prefix === '' ? 0 : 'kmgtpe'.indexOf(prefix.toLowerCase()) + 1;
  const bytes = Math.floor(Number(number) * (binary ? 1024 : 1000) ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

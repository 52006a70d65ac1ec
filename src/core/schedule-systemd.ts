// A schedule as units of systemd: a service that may do little more than reach the engine, and the timer that starts it.
import type { Command, Scope, Task, UnitFile } from './schedule.ts';
import { MARK, unitName } from './schedule.ts';

/** Where units are, and what they must be let at. */
export interface SystemdPlace {
  readonly scope: Scope;
  /** The folder of the units. */
  readonly folder: string;
  /** The folder that is written to. */
  readonly state: string;
  /** Something that is needed lies below /tmp or /var/tmp: it must be seen. */
  readonly needsTmp: boolean;
  /** The engine is reached through the network. */
  readonly remote: boolean;
}

/** When a timer fires. */
export interface SystemdTimes {
  /** What systemd takes for OnCalendar=. */
  readonly calendar: string;
  /** Up to so much later, at random: `1h`. */
  readonly delay: string;
}

type Setting = readonly [key: string, value: string];

/** The service and its timer; `docker tidy watch` has no timer. Source: systemd.service(5), systemd.timer(5), systemd.exec(5). */
export function systemdUnits(task: Task, times: SystemdTimes | undefined, place: SystemdPlace): UnitFile[] {
  const name = unitName(task.what);
  const file = (unit: string, sections: readonly (readonly [string, readonly Setting[]])[]): UnitFile => ({
    path: `${place.folder}/${unit}`,
    text: unitText(unit, place.scope, sections),
  });
  const service = file(`${name}.service`, [
    ['Unit', unitSection(task, place)],
    ['Service', [...serviceSection(task), ...hardening(place)]],
    ...(times ? [] : [['Install', [['WantedBy', target(place.scope)]]] as const]),
  ]);
  if (!times) return [service];
  const timer = file(`${name}.timer`, [
    ['Unit', [['Description', `When docker tidy removes what is not used`]]],
    [
      'Timer',
      [
        ['OnCalendar', times.calendar],
        ['RandomizedDelaySec', times.delay],
        ['Persistent', 'true'],
      ],
    ],
    ['Install', [['WantedBy', 'timers.target']]],
  ]);
  return [service, timer];
}

function target(scope: Scope): string {
  return scope === 'system' ? 'multi-user.target' : 'default.target';
}

function unitText(
  unit: string,
  scope: Scope,
  sections: readonly (readonly [string, readonly Setting[]])[],
): string {
  const edit = `systemctl ${scope === 'user' ? '--user ' : ''}edit ${unit}`;
  return [
    `# ${MARK}, which writes it anew when asked again. Add settings of your own by: ${edit}\n`,
    ...sections.map(([name, settings]) =>
      [`[${name}]`, ...settings.map(([key, value]) => `${key}=${value}`), ''].join('\n'),
    ),
  ].join('\n');
}

function unitSection({ what }: Task, { scope, remote }: SystemdPlace): Setting[] {
  const before = remote ? 'network-online.target' : 'docker.service docker.socket';
  return [
    [
      'Description',
      what === 'watch'
        ? 'Keep Docker tidy (docker tidy watch)'
        : 'Remove what Docker does not use (docker tidy)',
    ],
    ...(scope === 'system' ? [['After', before] as const] : []),
    ...(scope === 'system' && remote ? [['Wants', before] as const] : []),
  ];
}

function serviceSection({ what, program, args, env }: Task): Setting[] {
  const watches = what === 'watch';
  return [
    ['Type', watches ? 'notify' : 'oneshot'],
    ['ExecStart', [program, ...args].map(execWord).join(' ')],
    ...Object.entries(env).map(([key, value]): Setting => ['Environment', quoted(`${key}=${value}`)]),
    ...(watches ? WATCHING : ONCE),
    ['KillMode', 'mixed'], // what it started for the calls in flight goes on until it has ended itself
    ['Nice', '10'],
    ['IOSchedulingClass', 'idle'],
  ];
}

/** systemd-notify, which it runs, tells systemd. A mistake in the command line is not mended by starting again. */
const WATCHING: readonly Setting[] = [
  ['NotifyAccess', 'all'],
  ['WatchdogSec', '5min'],
  ['Restart', 'on-failure'],
  ['RestartSec', '30s'],
  ['RestartPreventExitStatus', '125'],
];

/** An engine that does not answer must not hold up the next time. */
const ONCE: readonly Setting[] = [['TimeoutStartSec', '6h']];

/**
 * What works without privileges. A user's own systemd cannot do more where users may make no namespaces: the service
 * would not start. No MemoryDenyWriteExecute: JavaScript is compiled while it runs.
 */
const FOR_ALL: readonly Setting[] = [
  ['NoNewPrivileges', 'yes'],
  ['UMask', '0077'],
  ['LockPersonality', 'yes'],
  ['RestrictNamespaces', 'yes'],
  ['RestrictRealtime', 'yes'],
  ['RestrictSUIDSGID', 'yes'],
  ['RestrictAddressFamilies', 'AF_UNIX AF_INET AF_INET6 AF_NETLINK'],
  ['SystemCallArchitectures', 'native'],
];

/**
 * All is read-only but the state folder. Homes must be seen, though: files that a policy protects images for may lie
 * there, and one that was hidden would protect nothing. root without capabilities owns the engine's socket still; it
 * reads folders of others, for the sizes of layers.
 */
const FOR_SYSTEM: readonly Setting[] = [
  ['CapabilityBoundingSet', 'CAP_DAC_READ_SEARCH'],
  ['AmbientCapabilities', ''],
  ['ProtectSystem', 'strict'],
  ['ProtectHome', 'read-only'],
  ['PrivateDevices', 'yes'],
  ['ProtectClock', 'yes'],
  ['ProtectControlGroups', 'yes'],
  ['ProtectHostname', 'yes'],
  ['ProtectKernelLogs', 'yes'],
  ['ProtectKernelModules', 'yes'],
  ['ProtectKernelTunables', 'yes'],
  ['RemoveIPC', 'yes'],
  ['KeyringMode', 'private'],
  ['SystemCallFilter', '@system-service'],
  ['SystemCallErrorNumber', 'EPERM'],
];

function hardening({ scope, state, needsTmp }: SystemdPlace): Setting[] {
  if (scope === 'user') return [...FOR_ALL];
  return [
    ...FOR_ALL,
    ...FOR_SYSTEM,
    ...(needsTmp ? [] : [['PrivateTmp', 'yes'] as const]),
    ['ReadWritePaths', quoted(state)],
  ];
}

/** A word of ExecStart=: `$` begins a variable there. */
function execWord(text: string): string {
  return quoted(text.replaceAll('$', '$$$$'));
}

/** A word of a unit: `%` begins a specifier. Source: systemd.syntax(7), "Quoting". */
function quoted(text: string): string {
  const word = text.replaceAll('%', '%%');
  if (/^[\w./:@%+=,*$-]+$/.test(word)) return word;
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** What makes the units count; a timer that ran by other times begins anew. */
export function systemdStart(what: Task['what'], scope: Scope): Command[] {
  const unit = startedUnit(what);
  return [['daemon-reload'], ['enable', unit], ['restart', unit]].map((words) => systemctl(scope, words));
}

/** What ends them, before their files go; and what is run then. */
export function systemdStop(what: Task['what'], scope: Scope): { before: Command[]; after: Command[] } {
  return {
    before: [systemctl(scope, ['disable', '--now', startedUnit(what)])],
    after: [systemctl(scope, ['daemon-reload'])],
  };
}

export function systemctl(scope: Scope, words: readonly string[]): Command {
  return { words: ['systemctl', ...(scope === 'user' ? ['--user'] : []), ...words] };
}

/** The unit that is enabled: the timer, or the service that runs all the time. */
export function startedUnit(what: Task['what']): string {
  return `${unitName(what)}.${what === 'watch' ? 'service' : 'timer'}`;
}

/** What a unit of ours says by a key, as it was written; `undefined` for another's. */
export function unitSays(text: string, key: string): string | undefined {
  if (!text.startsWith(`# ${MARK}`)) return undefined;
  return new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];
}

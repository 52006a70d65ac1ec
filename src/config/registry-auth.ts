// What docker itself would log in to a registry with: config.json's own logins, or those of a docker-credential-* helper.
// Source: docker/cli, cli/config/configfile and cli/config/credentials; docker/docker-credential-helpers, its protocol.
import { execFile } from 'node:child_process';
import type { Logins } from './docker-config.ts';
import { readLogins } from './docker-config.ts';

/** What the engine takes as `X-Registry-Auth`; without a login `undefined`. Never throws: who cannot log in asks without. */
export type RegistryAuth = (registry: string) => Promise<string | undefined>;

/** The logins of config.json in `dir`. `registry`: as `ghcr.io`, `docker.io`. */
export function registryAuth(dir: string, env: NodeJS.ProcessEnv): RegistryAuth {
  const { auths, credHelpers, credsStore } = readLogins(dir);
  return async (registry) => {
    const server = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry;
    const helper = credHelpers[server] ?? credHelpers[registry] ?? credsStore;
    const login = helper ? await fromHelper(helper, server, env) : fromFile(auths, server);
    return login && Buffer.from(JSON.stringify({ ...login, serveraddress: server })).toString('base64url');
  };
}

/** A user's name and password, or a token that stands for both. */
type Login = { readonly username: string; readonly password: string } | { readonly identitytoken: string };

function fromFile(auths: Logins['auths'], server: string): Login | undefined {
  const saved = auths[server] ?? Object.entries(auths).find(([name]) => hostOf(name) === hostOf(server))?.[1];
  if (saved?.identitytoken) return { identitytoken: saved.identitytoken };
  const [, username, password] =
    /^([^:]+):([\s\S]*?)\0*$/.exec(Buffer.from(saved?.auth ?? '', 'base64').toString()) ?? [];
  return username !== undefined && password !== undefined ? { username, password } : undefined;
}

function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, '').split('/')[0] as string;
}

/** How long a helper may take, in milliseconds: it may ask a keychain. */
const PATIENCE = 15_000;

async function fromHelper(
  helper: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<Login | undefined> {
  if (!/^[\w.-]+$/.test(helper)) return undefined;
  const said = await new Promise<string>((resolve) => {
    const options = { env, timeout: PATIENCE };
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, out) =>
      resolve(error ? '' : out),
    );
    child.stdin?.on('error', () => {}).end(server);
  });
  try {
    const { Username: username, Secret: password } = JSON.parse(said) as Record<string, string>;
    if (!username || !password) return undefined;
    return username === '<token>' ? { identitytoken: password } : { username, password };
  } catch {
    return undefined;
  }
}

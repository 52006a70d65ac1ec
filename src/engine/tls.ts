// Where docker keeps the certificates for an engine on tcp: flags and DOCKER_CERT_PATH, or the context store.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../core/errors.ts';
import type { Tls } from './host.ts';

/** docker's global flags about TLS. */
export interface TlsFlags {
  readonly tls?: boolean;
  readonly tlsverify?: boolean;
  readonly tlscacert?: string;
  readonly tlscert?: string;
  readonly tlskey?: string;
}

/**
 * TLS for the `default` context, to be read when it is needed; undefined where TLS is off. As in
 * docker (cli/flags/options.go), `DOCKER_TLS_VERIFY=0` and `--tlsverify=false` turn it on too.
 */
export function tlsOfEnvironment(
  flags: TlsFlags,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): (() => Promise<Tls>) | undefined {
  const verify = flags.tlsverify ?? Boolean(env['DOCKER_TLS_VERIFY']);
  const on = verify || flags.tlsverify !== undefined || (flags.tls ?? Boolean(env['DOCKER_TLS']));
  if (!on) return undefined;
  const folder = env['DOCKER_CERT_PATH'] || env['DOCKER_CONFIG'] || join(home, '.docker');
  return async () => {
    const [ca, cert, key] = await Promise.all([
      // docker wants the authority even where nothing is verified: we want it only where it is used.
      readPem(flags.tlscacert ?? join(folder, 'ca.pem'), verify || flags.tlscacert !== undefined),
      readPem(flags.tlscert ?? join(folder, 'cert.pem'), flags.tlscert !== undefined),
      readPem(flags.tlskey ?? join(folder, 'key.pem'), flags.tlskey !== undefined),
    ]);
    return { ...texts(ca, cert, key), rejectUnauthorized: verify };
  };
}

/** TLS of a docker context, whose PEM files are in `folder`; undefined where it has none. */
export async function tlsOfContext(folder: string, skipVerify: boolean): Promise<Tls | undefined> {
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readPem(join(folder, name), false)),
  );
  const found = texts(ca, cert, key);
  if (Object.keys(found).length === 0 && !skipVerify) return undefined;
  return { ...found, rejectUnauthorized: !skipVerify };
}

function texts(ca?: string, cert?: string, key?: string): Omit<Tls, 'rejectUnauthorized'> {
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function readPem(file: string, required: boolean): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !required) return undefined;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new EngineError(`cannot read the TLS file ${file}: ${why}`, { cause: error });
  }
  // OpenSSL passes over an authority that is not PEM, and then trusts nobody.
  if (!text.includes('-----BEGIN ')) throw new EngineError(`the TLS file ${file} is not a PEM file`);
  return text;
}

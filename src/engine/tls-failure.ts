// Why TLS with an engine failed, as one sentence. Node gives OpenSSL's reason as a code, or only in the
// message of an EPROTO: both are read.

const UNTRUSTED = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
];

/** One sentence for a failure of TLS with `host`; undefined where it is something else. */
export function explainTls(code: string, message: string, host: string): string | undefined {
  const reason = reasonIn(message);
  const why = ofTheirCertificate(code, reason) ?? ofTheHandshake(code, reason);
  return why && `TLS with ${host} failed: ${why}`;
}

function ofTheirCertificate(code: string, reason: string): string | undefined {
  if (UNTRUSTED.includes(code)) {
    return `its certificate is signed by an authority that is not trusted (${code}); name the right one with --tlscacert, or as ca.pem in DOCKER_CERT_PATH or in the context`;
  }
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return "its certificate has expired; renew it on the engine's side";
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet; check the clocks of both machines';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another host name (${reason}); use the name it is for, or renew it`;
    default:
      return undefined;
  }
}

function ofTheHandshake(code: string, reason: string): string | undefined {
  if (code !== 'EPROTO' && !/^ERR_(SSL|TLS|OSSL|CRYPTO)_|^ERR_MISSING_PASSPHRASE/.test(code))
    return undefined;
  const told = `${code} ${reason}`.toLowerCase().replaceAll('_', ' ');
  if (/wrong version number|packet length too long|http request/.test(told)) {
    return 'the server speaks plain http there; unset DOCKER_TLS and DOCKER_TLS_VERIFY, drop --tls, or use its TLS port (mostly 2376)';
  }
  if (/alert.*(certificate|unknown ca|access denied)/.test(told)) {
    return `the engine refuses our certificate, or wants one (${reason}); give it with --tlscert and --tlskey, or as cert.pem and key.pem in DOCKER_CERT_PATH or in the context`;
  }
  if (/^err (ossl|crypto|missing passphrase)|key values mismatch|key too small|no start line/.test(told)) {
    return `ca.pem, cert.pem or key.pem cannot be used (${reason}); check that they are PEM files, without a passphrase, and belong together`;
  }
  return `${reason}; check the certificates and the TLS versions of both sides`;
}

/** `write EPROTO 40F7:error:0A00010B:SSL routines:tls_validate:wrong version number:../deps/…:` → the reason in it. */
function reasonIn(message: string): string {
  const line = message.trim().split(/\r?\n/, 1)[0]!;
  return /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/i.exec(line)?.[1] ?? line.slice(0, 300);
}

import { TidemarkError } from '@tidemark/model';

const UNTRUSTED =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)/;

/** What Node says about a connection that did not work, as an error that tells the user what to do. */
export function connectionError(error: Error, shown: string): TidemarkError {
  const cause = error as NodeJS.ErrnoException;
  const code = cause.code ?? '';
  const known = (
    tm: 'TM_UNREACHABLE' | 'TM_TIMEOUT' | 'TM_TLS_UNTRUSTED' | 'TM_AUTH_REQUIRED' | 'TM_NOT_GO' | 'TM_RESPONSE_CUT',
    message: string,
    advice?: string,
  ) => new TidemarkError(tm, message, { cause, ...(advice && { advice }) });

  if (code === 'ECONNREFUSED') return known('TM_UNREACHABLE', `nothing listens at ${shown} (connection refused)`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return known('TM_UNREACHABLE', `the host name of ${shown} is not known`, 'Check the spelling of the host name.');
  if (code === 'ETIMEDOUT') return known('TM_TIMEOUT', `${shown} does not accept the connection in time`);
  if (UNTRUSTED.test(code)) return known('TM_TLS_UNTRUSTED', `the certificate of ${shown} is not trusted (${code})`);
  if (/ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)/.test(code))
    return known('TM_AUTH_REQUIRED', `${shown} wants a client certificate`, 'Pass one with --cert FILE --key FILE.');
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return known('TM_UNREACHABLE', `${shown} does not speak TLS (${code})`, 'Try the address with http:// instead.');
  if (code === 'HPE_HEADER_OVERFLOW') return known('TM_NOT_GO', `${shown} answers with more than 16 KiB of headers`);
  if (code.startsWith('HPE_')) return known('TM_NOT_GO', `${shown} does not speak HTTP (${code})`);
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return known('TM_UNREACHABLE', `${shown} closed the connection without an answer`);
  return known('TM_UNREACHABLE', `${shown} cannot be reached (${code || error.message})`);
}

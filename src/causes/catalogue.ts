/**
 * The closed list of root causes, and what an administrator does about each: commands and settings with the names of
 * the exchange filled in. Pure words; what decides is in rules.ts.
 */

import type { Service } from '../../decoders/carrier.ts'
import { factsOf } from '../../decoders/services.ts'
import { NO_GUESTS, PASS_THE_SPN } from '../facts/words/remedies.ts'

/** The names that a fix speaks of; what is not known stands in angle brackets. */
export interface FixNames {
  /** `cifs/files.corp.example`, as the client asked for it */
  readonly spn: string | null
  /** DNS name of the server, and its NetBIOS name */
  readonly serverDns: string | null
  readonly serverNetbios: string | null
  readonly serverIp: string
  readonly clientName: string | null
  readonly clientIp: string
  readonly user: string | null
  readonly service: Service
  /** the domain controller that was not reached */
  readonly kdc: string | null
  /** the target name, where DNS says that it is an alias of another host */
  readonly alias: string | null
}

interface CauseEntry {
  readonly title: string
  /** without a name in it */
  readonly fix: string
  /** with the names of one exchange */
  readonly fixFor?: (names: FixNames) => string
}

/** Causes whose fix is another finding's, or no fix of NTLM: named first only where nothing else is. */
export const WITHOUT_CHANGE: ReadonlySet<string> = new Set(['RC17', 'RC18', 'RC21', 'RC99'])

export const CAUSES: Readonly<Record<string, CauseEntry>> = {
  RC01: {
    title: 'SPN missing: the KDC does not know the service name',
    fix: 'Register the name on the account that runs the service: setspn -S <class>/<host> <account>',
    fixFor: (names) =>
      `setspn -Q ${spnOf(names)} (who has it now), then setspn -S ${aliasSpnOf(names)} ${accountOf(names)}${names.alias === null ? '' : `, or netdom computername ${names.serverNetbios ?? '<server>'} /add:${names.alias}`}; ${clientOf(names)} remembers the refusal for 15 minutes (negative cache). setspn -X shows names that are registered twice`,
  },
  RC02: {
    title: 'SPN duplicate: more than one account has the service name',
    fix: 'Find the accounts (setspn -X) and delete the name from the one that does not run the service: setspn -D <spn> <account>',
    fixFor: (names) =>
      `setspn -Q ${spnOf(names)} lists the accounts; setspn -D ${spnOf(names)} <the account that does not run the service>`,
  },
  RC03: {
    title: 'SPN on the wrong account, or a stale service key',
    fix: 'Move the SPN to the account that runs the service (setspn -Q finds it), or renew its password or keytab',
    fixFor: (names) =>
      `setspn -Q ${spnOf(names)}: if it is not the account that runs the service on ${serverOf(names)}, setspn -D it there and setspn -S ${spnOf(names)} <account of the service>; if it is, renew its password or keytab (ktpass, net ads keytab create, Reset-ComputerMachinePassword)`,
  },
  RC04: {
    title: 'IP address used as the target',
    fix: 'Use the host name; where that is impossible, set TryIPSPN on the client and register host/<address> on the server account',
    fixFor: (names) =>
      `Connect to ${serverOf(names)} instead of ${names.serverIp}; where that is impossible, set TryIPSPN=1 (HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters on ${clientOf(names)}) and setspn -S host/${names.serverIp} ${accountOf(names)}; an address that changes hands breaks it`,
  },
  RC05: {
    title: 'alias or short name that the KDC does not know',
    fix: 'Use the full DNS name of the server, or register the alias: netdom computername <server> /add:<alias>',
    fixFor: (names) =>
      `Connect to ${serverOf(names)}, or register the alias: netdom computername ${names.serverNetbios ?? '<server>'} /add:<full name of the alias>, or setspn -S ${spnOf(names)} ${accountOf(names)}; check the DNS suffix list of ${clientOf(names)}`,
  },
  RC06: {
    title: 'no usable target name given by the application',
    fix: PASS_THE_SPN,
    fixFor: (names) =>
      `Have the application on ${clientOf(names)} pass the SPN of the service on ${serverOf(names)}; where it names a user, run the service under an account with an SPN`,
  },
  RC07: {
    title: 'KDC not reachable for the client',
    fix: 'Open ports 88, 464, 389 and 53 from the client to the domain controllers, mend DNS, or use a KDC proxy or IAKERB',
    fixFor: (names) =>
      `Open TCP and UDP 88, 464, 389, 53 from ${clientOf(names)} to ${names.kdc ?? 'its domain controllers'} (nltest /dsgetdc:<domain> and Test-NetConnection <dc> -Port 88 on the client tell); behind a VPN or firewall use a KDC proxy or IAKERB`,
  },
  RC08: {
    title: 'clock skew',
    fix: 'Synchronise the clocks of client, server and KDC (w32tm /resync, NTP)',
    fixFor: (names) =>
      `w32tm /query /status and w32tm /resync on ${clientOf(names)} and ${serverOf(names)} (chronyc or NTP elsewhere)`,
  },
  RC09: {
    title: 'no common encryption type',
    fix: 'Give the account AES keys (set msDS-SupportedEncryptionTypes, reset the password) and renew keytabs',
    fixFor: (names) =>
      `Set msDS-SupportedEncryptionTypes=0x18 on the account of ${spnOf(names)}, reset its password (twice where it is old), renew keytabs; check the encryption types that ${clientOf(names)} allows`,
  },
  RC10: {
    title: 'the server offers no Kerberos',
    fix: 'Join the server to the domain or give it a keytab; replace it where it can do neither',
    fixFor: (names) => `Join ${serverOf(names)} to the domain or give it a keytab; replace it where it can do neither`,
  },
  RC11: {
    title: 'local account of the server',
    fix: 'Use a domain account or gMSA instead of the local account; LocalKDC only where Windows has it and it is switched on',
    fixFor: (names) =>
      `Replace the local account ${names.user ?? '<user>'} on ${serverOf(names)} by a domain account or gMSA; where it must stay, look whether both Windows have LocalKDC and IAKERB, and switch LocalKDC on`,
  },
  RC12: {
    title: 'cloud account or peer-to-peer identity',
    fix: 'Set up Microsoft Entra Kerberos, or allow PKU2U, for these accounts',
  },
  RC13: {
    title: 'trust or policy does not allow Kerberos',
    fix: 'Check trust type, name-suffix routing and selective authentication',
    fixFor: (names) =>
      `Check the trust to the domain of ${serverOf(names)}: forest trust instead of external, name-suffix routing (netdom trust /namesuffixes), Allowed to Authenticate for ${names.user ?? 'the user'}; setspn -F -Q ${spnOf(names)}`,
  },
  RC14: {
    title: 'NTLM chosen by the application or its protocol',
    fix: 'Configure the client to use Negotiate (GSS-SPNEGO, GSSAPI) with an SPN, or ask its vendor',
    fixFor: (names) =>
      names.service === 'radius' || names.service === 'ppp'
        ? `Have ${clientOf(names)} and its users log on with certificates (EAP-TLS) instead of MS-CHAP on ${serverOf(names)}`
        : `Configure the ${names.service} client on ${clientOf(names)} to use Negotiate (GSS-SPNEGO, GSSAPI) with the SPN of ${serverOf(names)}, or ask its vendor`,
  },
  RC15: {
    title: 'the server offers NTLM only at the application layer',
    fix: 'Enable Negotiate and list it before NTLM (IIS: provider order of Windows authentication)',
    fixFor: (names) =>
      `On ${serverOf(names)} enable Negotiate and list it before NTLM (IIS: Windows authentication, Providers), and setspn -S HTTP/${names.serverDns ?? '<host>'} <account of the application>`,
  },
  RC16: {
    title: 'the client software cannot use Kerberos',
    fix: 'Update or replace the software of the client, or give it a keytab',
    fixFor: (names) => `Update or replace the ${names.service} software on ${clientOf(names)}, or give it a keytab`,
  },
  RC17: { title: 'anonymous (null) session', fix: 'Restrict anonymous access on the server' },
  RC18: { title: 'guest session', fix: NO_GUESTS },
  RC19: {
    title: 'refused by policy',
    fix: 'Check authentication policies and silos of the account',
    fixFor: (names) =>
      `Check authentication policies, silos, Protected Users, logon hours and workstations of ${names.user ?? 'the account'} and of the account of ${spnOf(names)}`,
  },
  RC20: {
    title: 'a middlebox or size limit drops Kerberos',
    fix: 'Raise MaxFieldLength and MaxRequestBytes of the web server, reduce group memberships, or let the host bypass the proxy',
  },
  RC21: {
    title: 'looks like a relay: the same challenge on two flows',
    fix: 'Find out who the host in the middle is; require SMB signing, LDAP signing and channel binding on the target',
  },
  RC22: {
    title: 'cloned machine id',
    fix: 'Rebuild the clones with Sysprep (/generalize)',
  },
  RC99: { title: 'not decided by what the capture shows', fix: 'Capture what is named as missing and run again' },
}

function spnOf({ spn, service, serverDns }: FixNames): string {
  return spn || `${factsOf(service).spnClass ?? 'host'}/${serverDns ?? '<host>'}`
}

/** What runs as the machine gets all classes of an alias at once (HOST stands for cifs and others). */
function aliasSpnOf(names: FixNames): string {
  return names.alias !== null && names.service === 'smb' ? `HOST/${names.alias}` : spnOf(names)
}

function serverOf({ serverDns, serverNetbios, serverIp }: FixNames): string {
  return serverDns ?? serverNetbios ?? serverIp
}

function clientOf({ clientName, clientIp }: FixNames): string {
  return clientName ?? clientIp
}

/** Services that run as the machine are registered on its account. */
function accountOf({ service, serverNetbios }: FixNames): string {
  return service === 'smb' && serverNetbios ? `${serverNetbios}$` : '<account of the service>'
}

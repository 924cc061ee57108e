/**
 * What a request is for, where its path, method or user agent tells: the applications of Windows that log on over HTTP,
 * by the virtual directories that their setup makes.
 *
 * Sources: MS-WUSP and MS-WSUSSS (web services of WSUS), MS-WSMV 2.2.1, MS-RPCH 2.1, MS-TSGU 2.2.3, MS-OXCMAPIHTTP 2.2,
 * MS-OXDSCLI, MS-ASHTTP 2.2.1, MS-SITEWS and MS-FPSE (`_vti_bin`), MS-WSTEP and MS-XCEP (enrolment web services),
 * MS-KKDCP 2.2.1, MS-WDVME (user agent); AD CS web enrolment, AD FS and Configuration Manager by the documentation of
 * their directories. A moved or renamed directory is not recognised: null says nothing.
 */

const METHODS: ReadonlyMap<string, string> = new Map([
  ['RPC_IN_DATA', 'RPC over HTTP'],
  ['RPC_OUT_DATA', 'RPC over HTTP'],
  ['RDG_IN_DATA', 'Remote Desktop Gateway'],
  ['RDG_OUT_DATA', 'Remote Desktop Gateway'],
  ['CCM_POST', 'Configuration Manager'],
])

/** Looked at in this order, without regard to case. */
const PATHS: readonly (readonly [RegExp, string])[] = [
  [/^\/wsman(\/|$)/i, 'WS-Management'],
  [/^\/certsrv\/mscep/i, 'AD CS network device enrolment'],
  [/^\/certsrv(\/|$)/i, 'AD CS web enrolment'],
  [/\/service\.svc\/(ces|cep)(\/|$)/i, 'AD CS enrolment web service'],
  [/^\/(clientwebservice|simpleauthwebservice|reportingwebservice)\//i, 'WSUS'],
  [/^\/(serversyncwebservice|dssauthwebservice|apiremoting30)\//i, 'WSUS'],
  [/^\/rpc(withcert)?\/(.+\/)?rpcproxy\.dll$/i, 'RPC over HTTP'],
  [/^\/mapi\/(emsmdb|nspi)(\/|$)/i, 'Exchange MAPI over HTTP'],
  [/^\/ews\//i, 'Exchange Web Services'],
  [/^\/autodiscover\//i, 'Exchange Autodiscover'],
  [/^\/oab\//i, 'Exchange address book'],
  [/^\/microsoft-server-activesync(\/|$)/i, 'Exchange ActiveSync'],
  [/^\/(owa|ecp)(\/|$)/i, 'Exchange web access'],
  [/^\/adfs\//i, 'AD FS'],
  [
    /^\/(ccm_system|ccm_system_windowsauth|ccm_client|ccm_incoming|sms_mp|sms_mp_windowsauth)(\/|$)/i,
    'Configuration Manager',
  ],
  [/^\/(nocert_)?sms_dp_smspkg\$(\/|$)/i, 'Configuration Manager'],
  [/^\/(.+\/)?_(vti_bin|layouts)\//i, 'SharePoint'],
  [/^\/reportserver(\/|$)/i, 'SQL Server Reporting Services'],
  [/^\/remotedesktopgateway(\/|$)/i, 'Remote Desktop Gateway'],
  [/^\/kdcproxy(\/|$)/i, 'KDC proxy'],
  [/^\/wpad\.dat$/i, 'WPAD'],
]

const WEBDAV_METHODS: ReadonlySet<string> = new Set(['PROPFIND', 'PROPPATCH', 'MKCOL', 'LOCK', 'UNLOCK'])

/** `path` is that of the request, without query; null: nothing tells. */
export function httpApplication(method: string, path: string, userAgent: string | null): string | null {
  const byMethod = METHODS.get(method)
  if (byMethod !== undefined) return byMethod
  for (const [pattern, name] of PATHS) if (pattern.test(path)) return name
  if (WEBDAV_METHODS.has(method) || userAgent?.startsWith('Microsoft-WebDAV-MiniRedir')) return 'WebDAV'
  return null
}

/**
 * Names of RPC interfaces by UUID: those that speak on the networks of Windows and Samba, and those through which
 * authentications are checked, coerced or relayed. From the IDL appendixes of the specifications named beside them.
 * Everything else keeps its UUID: above all the objects of DCOM with which one product is administered (IIS, disks,
 * updates).
 */

import type { RpcCallMeaning } from '../../carrier.ts'

/** Lower-case UUID to the interface's usual name, or null. */
export function interfaceName(uuid: string): string | null {
  return NAMES.get(uuid) ?? null
}

/**
 * Is a logon to this interface relayed in practice? What is called through it takes over the server or the domain:
 * certificates (ESC11), replication, tasks, services, accounts, printer drivers (CVE-2021-1678), remote registry, DCOM
 * activation (CVE-2021-26414). By usual name.
 */
export function isRelayed(name: string): boolean {
  return RELAYED.has(name)
}

const RELAYED: ReadonlySet<string> = new Set([
  'ICertPassage',
  'ICertRequestD',
  'ICertRequestD2',
  'drsuapi',
  'ITaskSchedulerService',
  'atsvc',
  'svcctl',
  'samr',
  'lsarpc',
  'netlogon',
  'winspool',
  'IRemoteWinspool',
  'winreg',
  'IRemoteActivation',
  'ISystemActivator',
])

/** MS-NRPC: a server that asks its domain controller about a logon does it here. */
export const NETLOGON = '12345678-1234-abcd-ef00-01234567cffb'
/** C706 appendix O: who asks it wants to know a port. */
export const EPMAPPER = 'e1af8308-5d1f-11c9-91a4-08002b14a0fa'

/** An interface of which calls are kept, because they explain a logon. */
interface TellingInterface {
  readonly uuid: string
  readonly tells: RpcCallMeaning
  /** by opnum */
  readonly operations: Readonly<Record<number, string>>
}

const EFSR_OPERATIONS = {
  0: 'EfsRpcOpenFileRaw',
  4: 'EfsRpcEncryptFileSrv',
  5: 'EfsRpcDecryptFileSrv',
  6: 'EfsRpcQueryUsersOnFile',
  7: 'EfsRpcQueryRecoveryAgents',
  8: 'EfsRpcRemoveUsersFromFile',
  9: 'EfsRpcAddUsersToFile',
  12: 'EfsRpcFileKeyInfo',
  13: 'EfsRpcDuplicateEncryptionInfoFile',
  15: 'EfsRpcAddUsersToFileEx',
}

/**
 * Numbered from 1, 15 at most. MS-NRPC 3.5.4.5; those that take a path to another host, MS-RPRN 3.1.4.10, MS-EFSR
 * 3.1.4.2, MS-DFSNM 3.1.4, MS-FSRVP 3.1.4, MS-EVEN 3.1.4; MS-DRSR 4.1.10. MS-EFSR has two interfaces.
 */
const TELLING: readonly TellingInterface[] = [
  {
    uuid: NETLOGON,
    tells: 'pass-through',
    operations: { 2: 'NetrLogonSamLogon', 39: 'NetrLogonSamLogonEx', 45: 'NetrLogonSamLogonWithFlags' },
  },
  {
    uuid: '12345678-1234-abcd-ef00-0123456789ab',
    tells: 'coercion',
    operations: {
      62: 'RpcRemoteFindFirstPrinterChangeNotification',
      65: 'RpcRemoteFindFirstPrinterChangeNotificationEx',
    },
  },
  { uuid: 'c681d488-d850-11d0-8c52-00c04fd90f7e', tells: 'coercion', operations: EFSR_OPERATIONS },
  { uuid: 'df1941c5-fe89-4e79-bf10-463657acf44d', tells: 'coercion', operations: EFSR_OPERATIONS },
  {
    uuid: '4fc742e0-4a10-11cf-8273-00aa004ae673',
    tells: 'coercion',
    operations: { 12: 'NetrDfsAddStdRoot', 13: 'NetrDfsRemoveStdRoot' },
  },
  {
    uuid: 'a8e0653c-2744-4389-a61d-7373df8b2292',
    tells: 'coercion',
    operations: { 8: 'IsPathSupported', 9: 'IsPathShadowCopied' },
  },
  { uuid: '82273fdc-e32a-18c3-3f78-827929dc23ea', tells: 'coercion', operations: { 9: 'ElfrOpenBELW' } },
  {
    uuid: 'e3514235-4b06-11d1-ab04-00c04fc2dcd2',
    tells: 'replication',
    operations: { 3: 'IDL_DRSGetNCChanges' },
  },
]

/** The name of a call that explains a logon, and what it tells; null: any other. */
export function notableCall(uuid: string, opnum: number): { operation: string; tells: RpcCallMeaning } | null {
  const found = TELLING.find((one) => one.uuid === uuid)
  const operation = found?.operations[opnum]
  return found === undefined || operation === undefined ? null : { operation, tells: found.tells }
}

/** UUIDs as they stand in a bind, in both byte orders. */
const TELLING_BYTES = TELLING.map(({ uuid }) => {
  const big = Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(uuid.replaceAll('-', '').slice(at * 2, at * 2 + 2), 16),
  )
  return { big, little: [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((at) => big[at]!) }
})

/** The number of the interface whose UUID stands at `at`; 0: none of them. Hot, once a bind. */
export function tellingInterface(bytes: Uint8Array, at: number, bigEndian: boolean): number {
  for (let i = 0; i < TELLING_BYTES.length; i++) {
    const uuid = bigEndian ? TELLING_BYTES[i]!.big : TELLING_BYTES[i]!.little
    let same = 0
    while (same < 16 && bytes[at + same] === uuid[same]) same++
    if (same === 16) return i + 1
  }
  return 0
}

/** Does this operation of the interface tell something? Hot. */
export function isTelling(number: number, opnum: number): boolean {
  return TELLING[number - 1]?.operations[opnum] !== undefined
}

const NAMES: ReadonlyMap<string, string> = new Map([
  // C706 appendixes O and Q, MS-RPCE
  [EPMAPPER, 'epmapper'],
  ['afa8bd80-7d8a-11c9-bef4-08002b102989', 'mgmt'],
  // accounts, policies, logons
  ['12345778-1234-abcd-ef00-0123456789ab', 'lsarpc'], // MS-LSAD, MS-LSAT
  ['12345778-1234-abcd-ef00-0123456789ac', 'samr'], // MS-SAMR
  [NETLOGON, 'netlogon'],
  ['3919286a-b10c-11d0-9ba8-00c04fd92ef5', 'dssetup'], // MS-DSSP
  ['c681d488-d850-11d0-8c52-00c04fd90f7e', 'efsr'], // MS-EFSR over \pipe\lsarpc
  ['df1941c5-fe89-4e79-bf10-463657acf44d', 'efsrpc'], // MS-EFSR over \pipe\efsrpc
  ['3dde7c30-165d-11d1-ab8f-00805f14db40', 'BackupKey'], // MS-BKRP
  ['d335b8f6-cb31-11d0-b0f9-006097ba4e54', 'PolicyAgent'],
  ['45f52c28-7f9f-101a-b52b-08002b2efabe', 'winsif'], // MS-RAIW
  ['811109bf-a4e1-11d1-ab54-00a0c91e9b45', 'winsi2'], // MS-RAIW
  ['b9785960-524f-11df-8b6d-83dcded72085', 'ISDKey'], // MS-GKDI
  ['0b1c2170-5732-4e0e-8cd3-d9b16f3b84d7', 'authzr'], // MS-RAA
  ['afc07e2e-311c-4435-808c-c483ffeec7c9', 'lsacap'], // MS-CAPR
  ['bba9cb76-eb0c-462c-aa1b-5d8c34415701', 'Claims'], // MS-ADTS
  ['9c54e310-a955-4885-bd31-78787147dfa6', 'unixinfo'], // Samba
  // directory
  ['e3514235-4b06-11d1-ab04-00c04fc2dcd2', 'drsuapi'], // MS-DRSR
  ['7c44d7d4-31d5-424c-bd5e-2b3e1f323d22', 'dsaop'], // MS-DRSR
  ['f5cc5a18-4264-101a-8c59-08002b2f8426', 'nspi'], // MS-NSPI
  ['1544f5e0-613c-11d1-93df-00c04fd7bd09', 'rfr'], // MS-OXABREF
  ['50abc2a4-574d-40b3-9d66-ee4fd5fba076', 'dnsserver'], // MS-DNSP
  ['897e2e5f-93f3-4376-9c9c-fd2277495c27', 'FrsTransport'], // MS-FRS2
  ['f5cc59b4-4264-101a-8c59-08002b2f8426', 'frsrpc'], // MS-FRS1
  ['d049b186-814f-11d1-9a3c-00c04fc9b232', 'NtFrsApi'], // MS-FRS1
  ['68dcd486-669e-11d1-ab0c-00c04fc2dcd2', 'ismapi'], // intersite messaging
  // files, services, registry, tasks, events
  ['4b324fc8-1670-01d3-1278-5a47bf6ee188', 'srvsvc'], // MS-SRVS
  ['6bffd098-a112-3610-9833-46c3f87e345a', 'wkssvc'], // MS-WKST
  ['6bffd098-a112-3610-9833-012892020162', 'browser'], // MS-BRWSA
  ['4fc742e0-4a10-11cf-8273-00aa004ae673', 'netdfs'], // MS-DFSNM
  ['a8e0653c-2744-4389-a61d-7373df8b2292', 'FileServerVssAgent'], // MS-FSRVP
  ['ccd8c074-d0e5-4a40-92b4-d074faa6ba28', 'Witness'], // MS-SWN
  ['367abb81-9844-35f1-ad32-98f038001003', 'svcctl'], // MS-SCMR
  ['338cd001-2244-31f1-aaaa-900038001003', 'winreg'], // MS-RRP
  ['894de0c0-0d55-11d3-a322-00c04fa321a1', 'InitShutdown'], // MS-RSP
  ['d95afe70-a6d5-4259-822e-2c84da1ddb0d', 'WindowsShutdown'], // MS-RSP
  ['1ff70682-0a51-30e8-076d-740be8cee98b', 'atsvc'], // MS-TSCH
  ['378e52b0-c0a9-11cf-822d-00aa0051e40f', 'sasec'], // MS-TSCH
  ['86d35949-83c9-4044-b424-db363231fd0c', 'ITaskSchedulerService'], // MS-TSCH
  ['82273fdc-e32a-18c3-3f78-827929dc23ea', 'eventlog'], // MS-EVEN
  ['f6beaff7-1e19-4fbb-9f8f-b89e2018337c', 'eventlog6'], // MS-EVEN6
  ['300f3532-38cc-11d0-a3f0-0020af6b0add', 'trkwks'], // MS-DLTW
  ['4da1c422-943d-11d1-acae-00c04fc2aa3f', 'trksvr'], // MS-DLTM
  ['8fb6d884-2388-11d0-8c35-00c04fda2795', 'W32Time'], // MS-W32T
  ['da5a86c5-12c2-4943-ab30-7f74a813d853', 'PerflibV2'], // MS-PCQ
  ['22e5386d-8b12-4bf0-b0ec-6a1ea419e366', 'NetEventForwarder'], // MS-LREC
  ['6b5bdd1e-528c-422c-af8c-a4079be4fe48', 'RemoteFW'], // MS-FASP
  ['b97db8b2-4c63-11cf-bff6-08002be23f2f', 'clusapi'], // MS-CMRP
  ['885d85fb-c754-4062-a0e7-6872ce0064f4', 'mdssvc'], // Samba
  ['17fdd703-1827-4e34-79d4-24a55c53bb37', 'msgsvc'], // MS-MSRP
  ['5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc', 'msgsvcsend'], // MS-MSRP
  ['e33c0cc4-0482-101a-bc0c-02608c6ba218', 'LocToLoc'], // MS-RPCL
  ['2f5f6520-ca46-1067-b319-00dd010662da', 'tapsrv'], // MS-TRP
  ['2f5f6521-ca47-1068-b319-00dd010662db', 'remotesp'], // MS-TRP
  ['8f09f000-b7ed-11ce-bbd2-00001a181cad', 'dimsvc'], // MS-RRASM
  ['20610036-fa22-11cf-9823-00a0c911e5df', 'rasrpc'], // MS-RRASM
  ['82ad4280-036b-11cf-972c-00aa006887b0', 'inetinfo'], // MS-IRP
  ['1a927394-352e-4553-ae3f-7cf4aafca620', 'WdsRpcInterface'], // MS-WDSC
  ['e3d0d746-d2af-40fd-8a7a-0d7078bb7092', 'BitsPeerAuth'], // MS-BPAU
  ['6099fc12-3eff-11d0-abd0-00c04fd91a4e', 'faxclient'], // MS-FAX
  ['ea0a3165-4834-11d2-a6f8-00c04fa346cc', 'fax'], // MS-FAX
  ['906b0ce0-c70b-1067-b317-00dd010662da', 'IXnRemote'], // MS-CMPO
  // message queuing
  ['77df7a80-f298-11d0-8358-00a024c480a8', 'dscomm'], // MS-MQDS
  ['708cca10-9569-11d1-b2a5-0060977d8118', 'dscomm2'], // MS-MQDS
  ['fdb3a030-065f-11d1-bb9b-00a024ea5525', 'qmcomm'], // MS-MQMP
  ['76d12b80-3467-11d3-91ff-0090272f9ea3', 'qmcomm2'], // MS-MQMP
  ['41208ee0-e970-11d1-9b9e-00e02c064c39', 'qmmgmt'], // MS-MQMR
  ['1088a980-eae5-11d0-8d9b-00a02453c337', 'qm2qm'], // MS-MQQP
  ['1a9134dd-7b39-45ba-ad88-44d01ca47f28', 'RemoteRead'], // MS-MQRR
  ['8d9f4e40-a03d-11ce-8f69-08003e30051b', 'PNP'],
  ['3c4728c5-f0ab-448b-bda1-6ce01eb0a6d5', 'DhcpClient'],
  ['6bffd098-a112-3610-9833-46c3f874532d', 'dhcpsrv'], // MS-DHCPM
  ['5b821720-f63b-11d0-aad2-00c04fc324db', 'dhcpsrv2'], // MS-DHCPM
  // printing
  ['12345678-1234-abcd-ef00-0123456789ab', 'winspool'], // MS-RPRN
  ['76f03f96-cdfd-44fc-a22c-64950a001209', 'IRemoteWinspool'], // MS-PAR
  ['0b6edbfa-4a24-4fc6-8a23-942b1eca65d1', 'IRPCAsyncNotify'], // MS-PAN
  ['ae33069b-a2a8-46ee-a235-ddfd339be281', 'IRPCRemoteObject'], // MS-PAN
  // certificates
  ['91ae6020-9e3c-11cf-8d7c-00aa00c091be', 'ICertPassage'], // MS-ICPR
  ['d99e6e70-fc88-11d0-b498-00a0c90312f3', 'ICertRequestD'], // MS-WCCE
  ['5422fd3a-d4b8-4cef-a12e-e87d4ca22e90', 'ICertRequestD2'], // MS-WCCE
  ['d99e6e71-fc88-11d0-b498-00a0c90312f3', 'ICertAdminD'], // MS-CSRA
  ['7fe0d935-dda6-443f-85d0-1cfb58fe41dd', 'ICertAdminD2'], // MS-CSRA
  // DCOM, MS-DCOM
  ['4d9f4ab8-7d1c-11cf-861e-0020af6e7c57', 'IRemoteActivation'],
  ['000001a0-0000-0000-c000-000000000046', 'ISystemActivator'],
  ['99fcfec4-5260-101b-bbcb-00aa0021347a', 'IObjectExporter'],
  ['00000131-0000-0000-c000-000000000046', 'IRemUnknown'],
  ['00000143-0000-0000-c000-000000000046', 'IRemUnknown2'],
  ['00000134-0000-0000-c000-000000000046', 'IRundown'],
  ['00020400-0000-0000-c000-000000000046', 'IDispatch'], // MS-OAUT
  // WMI, MS-WMI
  ['f309ad18-d86a-11d0-a075-00c04fb68820', 'IWbemLevel1Login'],
  ['d4781cd6-e5d3-44df-ad94-930efe48a887', 'IWbemLoginClientID'],
  ['9556dc99-828c-11cf-a37e-00aa003240c7', 'IWbemServices'],
  ['1c1c45ee-4395-11d2-b60b-00104b703efd', 'IWbemFetchSmartEnum'],
  ['423ec01e-2e35-11d2-b604-00104b703efd', 'IWbemWCOSmartEnum'],
  ['027947e1-d731-11ce-a357-000000000001', 'IEnumWbemClassObject'],
  ['7c857801-7381-11cf-884d-00aa004b2e24', 'IWbemObjectSink'],
  ['f1e9c5b2-f59b-11d2-b362-00105a1f8177', 'IWbemRefreshingServices'],
  // terminal services, MS-TSTS
  ['484809d6-4239-471b-b5bc-61df8c23ac48', 'TermSrvSession'],
  ['88143fd0-c28d-4b2b-8fef-8d882f6a9390', 'TermSrvEnumeration'],
  ['bde95fdf-eee0-45de-9e12-e5a61cd0d4fe', 'RCMPublic'],
  ['497d95a6-2d27-4bf5-9bbd-a6046957133c', 'RCMListener'],
  ['5ca4a760-ebb1-11cf-8611-00a0245420ed', 'winstation_rpc'],
  ['11899a43-2b68-4a76-92e3-a3d6ad8c26ce', 'TermSrvNotification'],
  ['1257b580-ce2f-4109-82d6-a9459d0bf6bc', 'SessEnvPublicRpc'],
  ['53b46b02-c73b-4a3e-8dee-b16b80672fc0', 'TSVIPPublic'],
  ['44e265dd-7daf-42cd-8560-3cdb6e7a2729', 'TsProxyRpcInterface'], // MS-TSGU
  // Exchange
  ['a4f1db00-ca47-1067-b31f-00dd010662da', 'emsmdb'], // MS-OXCRPC
  ['5261574a-4572-206e-b268-6b199213b4e4', 'asyncemsmdb'], // MS-OXCRPC
])

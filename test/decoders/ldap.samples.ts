/**
 * LDAP messages in hexadecimal, all written by hand from the productions of RFC 4511 and MS-ADTS 5.1.1.1 (no
 * specification prints whole messages), each with what the decoder must say about it. `windows` marks the length form
 * `84 xx xx xx xx`.
 */

export interface LdapSample {
  readonly title: string
  readonly hex: string
  readonly type: string
  readonly from: 'client' | 'server'
  readonly fields: Readonly<Record<string, unknown>> | null
  /** the steps; a token stands in hexadecimal */
  readonly steps: readonly Readonly<Record<string, unknown>>[]
}

const leg = {
  kind: 'leg',
  slot: '',
  method: null,
  direct: false,
  token: null,
  outcome: null,
  status: null,
  principal: null,
  plainNtlm: null,
  session: null,
  facts: null,
  rpc: null,
  smb: null,
}
const request = { ...leg, from: 'client' }
const response = { ...leg, from: 'server' }
const clear = { kind: 'traffic', slot: '', protection: 'clear', refused: false, how: null }

export const samples: readonly LdapSample[] = [
  {
    title: 'simple bind with a password',
    // id 1, version 3, name "cn=ada" (6), simple "secret" (6)
    hex: '3018 020101 6013 020103 0406 636e3d616461 8006 736563726574',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 1, version: 3, name: 'cn=ada', authentication: 'simple', mechanism: null },
    steps: [
      {
        ...request,
        message: '1',
        method: 'simple',
        principal: { user: 'cn=ada', domain: '', workstation: '' },
      },
    ],
  },
  {
    title: 'anonymous bind, windows',
    hex: '30840000001002010960840000000702010304008000',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 9, version: 3, name: '', authentication: 'simple', mechanism: null },
    steps: [{ ...request, message: '9', method: 'anonymous' }],
  },
  {
    title: 'unauthenticated bind: a name, no password',
    hex: '3012 020101 600d 020103 0406 636e3d616461 8000',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 1, version: 3, name: 'cn=ada', authentication: 'simple', mechanism: null },
    steps: [
      {
        ...request,
        message: '1',
        method: 'anonymous',
        principal: { user: 'cn=ada', domain: '', workstation: '' },
      },
    ],
  },
  {
    title: 'LDAPv2 simple bind',
    hex: '300d 020101 6008 020102 0400 800178',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 1, version: 2, name: '', authentication: 'simple', mechanism: null },
    steps: [{ ...request, message: '1', method: 'simple' }],
  },
  {
    title: 'krbv42LDAP of LDAPv2: an alternative that nobody reads',
    hex: '300d 020101 6008 020102 0400 810178',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 1, version: 2, name: '', authentication: 'unknown (0x81)', mechanism: null },
    steps: [{ ...request, message: '1' }],
  },
  {
    title: 'GSS-SPNEGO, four octets of messageID',
    // "GSS-SPNEGO" (10), credentials 60 03 06 01 2b
    hex: '3024 0204 71456d8c 601c 020103 0400 a315 040a 4753532d53504e45474f 0407 60050603 2b0601',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 0x71456d8c, version: 3, name: '', authentication: 'sasl', mechanism: 'GSS-SPNEGO' },
    steps: [{ ...request, message: String(0x71456d8c), method: 'GSS-SPNEGO', token: '600506032b0601' }],
  },
  {
    title: 'GSSAPI, second leg: no credentials',
    hex: '3014 020102 600f 020103 0400 a308 0406 475353415049',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 2, version: 3, name: '', authentication: 'sasl', mechanism: 'GSSAPI' },
    steps: [{ ...request, message: '2', method: 'GSSAPI' }],
  },
  {
    title: 'GSSAPI in small letters, empty credentials',
    hex: '3016 020102 6011 020103 0400 a30a 0406 677373617069 0400',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 2, version: 3, name: '', authentication: 'sasl', mechanism: 'gssapi' },
    steps: [{ ...request, message: '2', method: 'GSSAPI' }],
  },
  {
    title: 'SASL mechanism NTLM',
    hex: '301e 020103 6019 020103 0400 a312 0404 4e544c4d 040a 4e544c4d535350000100',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 3, version: 3, name: '', authentication: 'sasl', mechanism: 'NTLM' },
    steps: [{ ...request, message: '3', method: 'NTLM', direct: true, token: '4e544c4d535350000100' }],
  },
  {
    title: 'EXTERNAL',
    hex: '3016 020103 6011 020103 0400 a30a 0408 45585445524e414c',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 3, version: 3, name: '', authentication: 'sasl', mechanism: 'EXTERNAL' },
    steps: [{ ...request, message: '3', method: 'EXTERNAL' }],
  },
  {
    title: 'PLAIN: authzid "z", authcid "ada", passwd "pw"',
    hex: '301d 020103 6018 020103 0400 a311 0405 504c41494e 0408 7a 00 616461 00 7077',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 3, version: 3, name: '', authentication: 'sasl', mechanism: 'PLAIN' },
    steps: [{ ...request, message: '3', method: 'PLAIN', principal: { user: 'ada', domain: '', workstation: '' } }],
  },
  {
    title: 'the empty mechanism gives a SASL bind up',
    hex: '300e 020104 6009 020103 0400 a302 0400',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 4, version: 3, name: '', authentication: 'sasl', mechanism: '' },
    steps: [{ ...request, message: '4' }],
  },
  {
    title: 'Sicily package discovery',
    hex: '300c 020101 6007 020103 0400 8900',
    type: 'bindRequest',
    from: 'client',
    fields: {
      messageId: 1,
      version: 3,
      name: '',
      authentication: 'sicilyPackageDiscovery',
      mechanism: null,
    },
    steps: [],
  },
  {
    title: 'Sicily negotiate with the name of MS-ADTS',
    hex: '301a 020102 6015 020103 0404 4e544c4d 8a0a 4e544c4d535350000100',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 2, version: 3, name: 'NTLM', authentication: 'sicilyNegotiate', mechanism: null },
    steps: [{ ...request, message: '2', method: 'Sicily', direct: true, token: '4e544c4d535350000100' }],
  },
  {
    title: 'Sicily response with a user name for a name',
    hex: '301a 020103 6015 020103 0404 615c6263 8b0a 4e544c4d535350000300',
    type: 'bindRequest',
    from: 'client',
    fields: { messageId: 3, version: 3, name: 'a\\bc', authentication: 'sicilyResponse', mechanism: null },
    steps: [{ ...request, message: '3', method: 'Sicily', direct: true, token: '4e544c4d535350000300' }],
  },
  {
    title: 'success',
    hex: '300c 020101 6107 0a0100 0400 0400',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 1, resultCode: 0, resultName: 'success', diagnostic: null },
    steps: [{ ...response, message: '1', outcome: 'success', status: { code: 0, name: 'success', detail: null } }],
  },
  {
    title: 'success with empty serverSaslCreds, windows',
    hex: '3084000000120201066184000000090a0100040004008700',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 6, resultCode: 0, resultName: 'success', diagnostic: null },
    steps: [{ ...response, message: '6', outcome: 'success', status: { code: 0, name: 'success', detail: null } }],
  },
  {
    title: 'saslBindInProgress with serverSaslCreds',
    hex: '3011 020102 610c 0a010e 0400 0400 8703 a10130',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 2, resultCode: 14, resultName: 'saslBindInProgress', diagnostic: null },
    steps: [
      {
        ...response,
        message: '2',
        token: 'a10130',
        outcome: 'continue',
        status: { code: 14, name: 'saslBindInProgress', detail: null },
      },
    ],
  },
  {
    title: 'Sicily: success with a CHALLENGE_MESSAGE is not yet success',
    hex: '3016 020102 6111 0a0100 040a 4e544c4d535350000200 0400',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 2, resultCode: 0, resultName: 'success', diagnostic: null },
    steps: [
      {
        ...response,
        message: '2',
        token: '4e544c4d535350000200',
        outcome: 'continue',
        status: { code: 0, name: 'success', detail: null },
      },
    ],
  },
  {
    title: 'Sicily: the packages of a discovery',
    hex: '3015 020101 6110 0a0100 0409 4e544c4d3b4d534e3b 0400',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 1, resultCode: 0, resultName: 'success', diagnostic: null, packages: ['NTLM', 'MSN'] },
    steps: [],
  },
  {
    title: 'success with a true matchedDN is no list of packages',
    hex: '3010 020101 610b 0a0100 0404 643d6162 0400',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 1, resultCode: 0, resultName: 'success', diagnostic: null },
    steps: [{ ...response, message: '1', outcome: 'success', status: { code: 0, name: 'success', detail: null } }],
  },
  {
    title: 'invalidCredentials with "00000005: x, data 52e" and a NUL',
    hex: '3022 020102 611d 0a0131 0400 0416 30303030303030353a20782c20646174612035326500',
    type: 'bindResponse',
    from: 'server',
    fields: {
      messageId: 2,
      resultCode: 49,
      resultName: 'invalidCredentials',
      diagnostic: '00000005: x, data 52e',
    },
    steps: [
      {
        ...response,
        message: '2',
        outcome: 'failure',
        status: { code: 49, name: 'invalidCredentials', detail: 'data 52e (invalid credentials)' },
      },
    ],
  },
  {
    title: 'strongerAuthRequired',
    hex: '3016 020102 6111 0a0108 0400 040a 30303030323032383a20',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 2, resultCode: 8, resultName: 'strongerAuthRequired', diagnostic: '00002028:' },
    steps: [
      {
        ...response,
        message: '2',
        outcome: 'failure',
        status: { code: 8, name: 'strongerAuthRequired', detail: '00002028 (ERROR_DS_STRONG_AUTH_REQUIRED)' },
      },
    ],
  },
  {
    title: 'a referral before the end, and a resultCode that no table has',
    hex: '3015 020102 6110 0a0163 0400 0400 a307 0405 6c6461703a',
    type: 'bindResponse',
    from: 'server',
    fields: { messageId: 2, resultCode: 99, resultName: 'unknown (99)', diagnostic: null },
    steps: [
      {
        ...response,
        message: '2',
        outcome: 'failure',
        status: { code: 99, name: 'unknown (99)', detail: null },
      },
    ],
  },
  {
    title: 'StartTLS request',
    hex: '301d 020101 7718 8016 312e332e362e312e342e312e313436362e3230303337',
    type: 'extendedRequest',
    from: 'client',
    fields: { messageId: 1, oid: '1.3.6.1.4.1.1466.20037', name: 'StartTLS' },
    steps: [{ kind: 'facts', facts: { service: 'ldap' } }],
  },
  {
    title: 'StartTLS accepted',
    hex: '3024 020101 781f 0a0100 0400 0400 8a16 312e332e362e312e342e312e313436362e3230303337',
    type: 'extendedResponse',
    from: 'server',
    fields: {
      messageId: 1,
      oid: '1.3.6.1.4.1.1466.20037',
      name: 'StartTLS',
      resultCode: 0,
      resultName: 'success',
      diagnostic: null,
    },
    steps: [{ kind: 'facts', facts: { ldap: { startTls: true } } }],
  },
  {
    title: 'StartTLS refused',
    hex: '3024 020101 781f 0a0134 0400 0400 8a16 312e332e362e312e342e312e313436362e3230303337',
    type: 'extendedResponse',
    from: 'server',
    fields: {
      messageId: 1,
      oid: '1.3.6.1.4.1.1466.20037',
      name: 'StartTLS',
      resultCode: 52,
      resultName: 'unavailable',
      diagnostic: null,
    },
    steps: [],
  },
  {
    title: 'an extended response without a name',
    hex: '300c 020101 7807 0a0100 0400 0400',
    type: 'extendedResponse',
    from: 'server',
    fields: { messageId: 1, oid: null, name: null, resultCode: 0, resultName: 'success', diagnostic: null },
    steps: [{ kind: 'facts', facts: { service: 'ldap' } }],
  },
  {
    title: 'the rootDSE with supportedSASLMechanisms',
    // attribute "supportedSASLMechanisms" (23), vals "GSSAPI" (6) and "NTLM" (4)
    hex: `3034 020101 642f 0400 302b 3029
          0417 737570706f727465645341534c4d656368616e69736d73 310e 0406 475353415049 0404 4e544c4d`,
    type: 'searchResultEntry',
    from: 'server',
    fields: { messageId: 1, supportedSASLMechanisms: ['GSSAPI', 'NTLM'] },
    steps: [
      { kind: 'offer', methods: ['GSSAPI', 'NTLM'], token: null, slot: '' },
      { ...clear, from: 'server' },
    ],
  },
  {
    title: 'the rootDSE with an attribute of almost that name',
    hex: `3035 020101 6430 0400 302c 302a
          0418 737570706f727465645341534c4d656368616e69736d7373 310e 0406 475353415049 0404 4e544c4d`,
    type: 'searchResultEntry',
    from: 'server',
    fields: null,
    steps: [{ ...clear, from: 'server' }],
  },
  {
    title: 'supportedSASLMechanisms of an entry with a name',
    hex: `3037 020101 6432 0403 633d78 302b 3029
          0417 737570706f727465645341534c4d656368616e69736d73 310e 0406 475353415049 0404 4e544c4d`,
    type: 'searchResultEntry',
    from: 'server',
    fields: null,
    steps: [{ ...clear, from: 'server' }],
  },
  {
    title: 'searchResultDone: operationsError',
    hex: '300c 020102 6507 0a0101 0400 0400',
    type: 'searchResultDone',
    from: 'server',
    fields: null,
    steps: [{ ...clear, from: 'server', refused: true }],
  },
  {
    title: 'modifyResponse: strongerAuthRequired',
    hex: '300c 020102 6707 0a0108 0400 0400',
    type: 'modifyResponse',
    from: 'server',
    fields: null,
    steps: [{ ...clear, from: 'server', refused: true }],
  },
  {
    title: 'searchResultDone: success with controls behind it',
    hex: '3010 020102 6507 0a0100 0400 0400 a002 3000',
    type: 'searchResultDone',
    from: 'server',
    fields: null,
    steps: [{ ...clear, from: 'server' }],
  },
  {
    title: 'delRequest: a primitive protocolOp',
    hex: '300b 020105 4a06 636e3d616461',
    type: 'delRequest',
    from: 'client',
    fields: null,
    steps: [{ ...clear, from: 'client' }],
  },
  {
    title: 'intermediateResponse',
    hex: '3009 020105 7904 8002 312e',
    type: 'intermediateResponse',
    from: 'server',
    fields: null,
    steps: [{ ...clear, from: 'server' }],
  },
]

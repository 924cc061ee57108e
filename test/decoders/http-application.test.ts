import { describe, expect, it } from 'vitest'
import { httpApplication } from '../../decoders/carriers/http/http-application.ts'

const MINI_REDIR = 'Microsoft-WebDAV-MiniRedir/10.0.19045'

describe('what a request is for', () => {
  it.each([
    ['POST', '/wsman', null, 'WS-Management'],
    ['GET', '/certsrv/certfnsh.asp', null, 'AD CS web enrolment'],
    ['GET', '/CertSrv', null, 'AD CS web enrolment'],
    ['GET', '/certsrv/mscep/mscep.dll/pkiclient.exe', null, 'AD CS network device enrolment'],
    ['POST', '/ADPolicyProvider_CEP_Kerberos/service.svc/CEP', null, 'AD CS enrolment web service'],
    ['POST', '/corp-CA1_CES_Kerberos/service.svc/CES', null, 'AD CS enrolment web service'],
    ['POST', '/ClientWebService/client.asmx', 'Windows-Update-Agent/10.0', 'WSUS'],
    ['POST', '/SimpleAuthWebService/SimpleAuth.asmx', null, 'WSUS'],
    ['POST', '/ApiRemoting30/WebService.asmx', null, 'WSUS'],
    ['RPC_IN_DATA', '/rpc/rpcproxy.dll', null, 'RPC over HTTP'],
    ['GET', '/rpcwithcert/rpcproxy.dll', null, 'RPC over HTTP'],
    ['POST', '/mapi/emsmdb/', null, 'Exchange MAPI over HTTP'],
    ['POST', '/EWS/Exchange.asmx', null, 'Exchange Web Services'],
    ['POST', '/autodiscover/autodiscover.xml', null, 'Exchange Autodiscover'],
    ['GET', '/adfs/ls/wia', null, 'AD FS'],
    ['CCM_POST', '/ccm_system/request', null, 'Configuration Manager'],
    ['GET', '/SMS_DP_SMSPKG$/PS100012', null, 'Configuration Manager'],
    ['POST', '/sites/team/_vti_bin/lists.asmx', null, 'SharePoint'],
    ['PROPFIND', '/share/doc.docx', null, 'WebDAV'],
    ['OPTIONS', '/', MINI_REDIR, 'WebDAV'],
    ['PROPFIND', '/certsrv/', MINI_REDIR, 'AD CS web enrolment'],
    ['GET', '/wpad.dat', null, 'WPAD'],
    ['POST', '/KdcProxy', null, 'KDC proxy'],
  ] as const)('%s %s %s: %s', (method, path, userAgent, name) => {
    expect(httpApplication(method, path, userAgent)).toBe(name)
  })

  it('says nothing where nothing tells', () => {
    for (const path of ['/', '/index.html', '/certsrvx', '/a/certsrv/', '/wsmanx', '/ews', '/rpc/rpcproxy.dllx', ''])
      expect(httpApplication('GET', path, 'curl/8'), path).toBeNull()
  })

  it('takes no time over a hostile path', () => {
    const path = `/${'rpc/'.repeat(20_000)}rpcproxy.dl`
    expect(httpApplication('GET', path, null)).toBeNull()
    expect(httpApplication('GET', `/${'_vti_bin'.repeat(20_000)}`, null)).toBeNull()
  })
})

/**
 * What to do, in one sentence each, where causes, findings and expectations give the same advice.
 */
import type { Service } from '../../../decoders/carrier.ts'

export const SIGN_SMB = 'Require SMB signing on the server (RequireSecuritySignature), then on the client'
export const NO_SMB1 = 'Disable SMB1 on server and client; replace devices that know nothing newer'
export const NTLMV2_ONLY =
  'Set LmCompatibilityLevel 5 on clients and domain controllers; replace devices that cannot do NTLMv2'
const CERTIFICATES = 'Have devices and users log on with certificates (EAP-TLS) instead of MS-CHAP, MS-CHAPv2 and LEAP'

/** Instead of NTLMv1: MS-CHAP has no newer response. */
export function insteadOfNtlmv1(service: Service): string {
  return service === 'radius' || service === 'ppp' ? CERTIFICATES : NTLMV2_ONLY
}

export const NO_CLEAR_PASSWORD = 'Use TLS, or a SASL mechanism that does not send the password'
export const NO_GUESTS = 'Disable guest access on the server and insecure guest logons on the client'
export const PASS_THE_SPN = 'Have the application pass the SPN of the service'

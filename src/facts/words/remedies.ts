/**
 * What to do, in one sentence each, where causes, findings and expectations give the same advice.
 */
export const SIGN_SMB = 'Require SMB signing on the server (RequireSecuritySignature), then on the client'
export const NO_SMB1 = 'Disable SMB1 on server and client; replace devices that know nothing newer'
export const NTLMV2_ONLY =
  'Set LmCompatibilityLevel 5 on clients and domain controllers; replace devices that cannot do NTLMv2'
export const NO_CLEAR_PASSWORD = 'Use TLS, or a SASL mechanism that does not send the password'
export const NO_GUESTS = 'Disable guest access on the server and insecure guest logons on the client'
export const PASS_THE_SPN = 'Have the application pass the SPN of the service'

/**
 * How each root cause is decided: what it looks like on the wire, what rules it out, and how to make sure on the hosts.
 * The decision itself stands in src/causes/; what is asked first there comes first.
 */

export interface CausePage {
  /** what on the wire decides it */
  readonly decided: string
  /** what looks alike and is kept out, or comes before it */
  readonly ruledOut: string
  /** how to make sure, on Windows and elsewhere */
  readonly confirm: string
}

const SERVICE_LOG = 'Event 4625 and the Kerberos errors of the System log on the server; klist get <spn> on the client'

export const CAUSE_PAGES: Readonly<Record<string, CausePage>> = {
  RC01: {
    decided: 'A KDC answered KDC_ERR_S_PRINCIPAL_UNKNOWN for this host and service class in the 15 minutes before',
    ruledOut:
      'A refusal for another service of the host, or for another name of it, counts with low confidence; a short name is RC05, a refusal in a realm that a referral led to is RC13',
    confirm: 'klist get <spn> on the client fails with 0xc000018b; setspn -Q <spn> finds nothing',
  },
  RC02: {
    decided: 'A KDC answered KDC_ERR_PRINCIPAL_NOT_UNIQUE for this host and service class',
    ruledOut: 'No answer but this one says it: a ticket under the key of another account is RC03',
    confirm: 'setspn -X; event 11 of the KDC in the System log of the domain controller',
  },
  RC03: {
    decided:
      'The service refused the ticket (KRB_AP_ERR_MODIFIED and its kin), or took the ticket and switched to NTLM',
    ruledOut:
      'A ticket that had expired, a clock that is off (RC08) and a mechanism that the server does not know (RC10)',
    confirm: 'Event 4 of Security-Kerberos on the client; klist -k and the key version of the keytab on the server',
  },
  RC04: {
    decided: 'The target name in the NTLM token is an IP address, or the client named the server by one',
    ruledOut:
      'Where Kerberos was tried with that very address, a ticket was asked for: then something else is the cause',
    confirm: 'Event 4001 or 8001 of NTLM/Operational on the client shows the target; look for the address in mappings',
  },
  RC05: {
    decided: 'The KDC does not know the name, and the name is a short one',
    ruledOut: 'A full name that it does not know is RC01',
    confirm: 'nslookup <name> and setspn -Q */<name>*; the DNS suffix list of the client',
  },
  RC06: {
    decided: 'The token names no target, or a user, or user-to-user was tried',
    ruledOut: 'A token without a field for the name says nothing',
    confirm: 'Event 8001 of NTLM/Operational on the client names the program and an empty target',
  },
  RC07: {
    decided:
      'Questions of the client to a KDC were not answered, refused or unreachable, and are in the capture; or a KDC or IAKERB proxy said that it reaches none',
    ruledOut: 'A KDC that answered this client; a direction from the KDC that the capture does not show',
    confirm: 'nltest /dsgetdc:<domain> and Test-NetConnection <dc> -Port 88 on the client',
  },
  RC08: {
    decided: 'KRB_AP_ERR_SKEW of a KDC or of the service',
    ruledOut: 'A client that corrects its clock and goes on with Kerberos has no fallback',
    confirm: 'w32tm /stripchart /computer:<dc> /samples:3 on client and server',
  },
  RC09: {
    decided: 'KDC_ERR_ETYPE_NOSUPP, or KDC_ERR_NULL_KEY for the service',
    ruledOut: 'What a client merely lists proves nothing',
    confirm: 'Get-ADUser or Get-ADComputer <account> -Properties msDS-SupportedEncryptionTypes; event 27 of the KDC',
  },
  RC10: {
    decided: 'The offer of the server holds NTLM and no Kerberos, or it refused Kerberos as not known',
    ruledOut: 'An offer that was not captured is none; for web servers it is RC15',
    confirm: 'Is the server joined to the domain: nltest /sc_query:<domain>, or net ads testjoin',
  },
  RC11: {
    decided: 'The domain of the account is the name of the server, or that of the client itself',
    ruledOut: 'A logon that the server passed on to a domain controller is no local one',
    confirm: 'Event 4624 on the server: its account domain is the name of the server',
  },
  RC12: {
    decided: 'The domain of the account is MicrosoftAccount or AzureAD',
    ruledOut: 'Cloud accounts that log on with their names in the own domain are not told apart',
    confirm: 'dsregcmd /status on the client',
  },
  RC13: {
    decided:
      'A KDC of another realm, to which a referral led, did not know the name, or refused by policy of the trust',
    ruledOut: 'The same answer of the own realm is RC01',
    confirm: 'nltest /domain_trusts; netdom trust <domain> /domain:<other> /verify',
  },
  RC14: {
    decided:
      'The first token is NTLM without negotiation, the method names NTLM itself, or the client uses Kerberos with this server otherwise',
    ruledOut: 'Everything that the exchange, the service or a KDC says about Kerberos comes before it',
    confirm: 'Event 8001 of NTLM/Operational on the client names the program',
  },
  RC15: {
    decided: 'A web server or proxy offers NTLM and no Negotiate',
    ruledOut: 'Outside of HTTP it is RC10',
    confirm: 'appcmd list config /section:windowsAuthentication, or the configuration of the application',
  },
  RC16: {
    decided:
      'The server offers Kerberos, and of this client there is no KDC traffic and no target name, while that of others is visible',
    ruledOut: 'A client that speaks to a KDC or names its target as current systems do; always of low confidence',
    confirm: 'The documentation of the client; a ticket request when it is given a keytab',
  },
  RC17: {
    decided: 'The user name and the responses are empty, or the responses are',
    ruledOut: 'A relay is told first',
    confirm: 'Event 4624 on the server: ANONYMOUS LOGON',
  },
  RC18: {
    decided: 'The server set the guest flag of the session',
    ruledOut: 'Nothing: the server itself says it',
    confirm: 'Get-SmbSession, or smbstatus on the server',
  },
  RC19: {
    decided: 'A KDC refused by policy: KDC_ERR_POLICY, or KDC_ERR_CLIENT_REVOKED at the logon of the user',
    ruledOut: 'Wrong passwords are no policy',
    confirm: 'Events 4768, 4769 and 4820 to 4824 on the domain controller',
  },
  RC20: {
    decided: 'The request with the ticket was refused as too long',
    ruledOut: 'A refusal with a Kerberos error is RC03 or what the error says',
    confirm: 'The log of the web server or proxy; the size of the ticket with klist',
  },
  RC21: {
    decided: 'The same challenge, or the same response, stands in two conversations with one host between them',
    ruledOut: 'Copies of one conversation, address translation, and constant challenges of tools',
    confirm: 'Who runs the host in the middle, and what logged on at the target at that time (event 4624)',
  },
  RC22: {
    decided: 'Two hosts with different names and addresses send the same machine id',
    ruledOut: 'One host with several addresses, or one that was renamed',
    confirm: 'Event 6167 of LsaSrv on the server that refuses',
  },
  RC99: {
    decided: 'Nothing that the capture shows decides it, or a part of the exchange is missing that could change it',
    ruledOut: 'What would fit is listed with the alternatives (explain --pair, or cause.alternatives in JSON)',
    confirm: SERVICE_LOG,
  },
}

#!/usr/bin/python3
"""Collects tickets as roasting tools do it, with impacket, which asks for RC4 first: kerberoast.py DOMAIN/user PASSWORD DC SPN..."""
import sys
from binascii import hexlify

from impacket.krb5 import asn1, constants, crypto, kerberosv5
from impacket.krb5.types import Principal
from pyasn1.codec.der import decoder, encoder
from pyasn1.type.univ import noValue

TGS_REQ = 0x6C
# of the session key's encryption type
CHECKSUMS = {18: crypto.Cksumtype.SHA1_AES256, 17: crypto.Cksumtype.SHA1_AES128, 23: crypto.Cksumtype.HMAC_MD5}
send = kerberosv5.sendReceive


def send_with_checksum(message, *ends):
    """impacket 0.10 leaves out the authenticator's checksum of the request (RFC 4120 5.5.1), which Samba's KDC demands."""
    if message[0] != TGS_REQ:
        return send(message, *ends)
    request, _ = decoder.decode(message, asn1Spec=asn1.TGS_REQ())
    ap_req, _ = decoder.decode(request["padata"][0]["padata-value"], asn1Spec=asn1.AP_REQ())
    authenticator, _ = decoder.decode(cipher.decrypt(session_key, 7, bytes(ap_req["authenticator"]["cipher"])), asn1Spec=asn1.Authenticator())
    body = encoder.encode(request["req-body"])
    body = body[2 + (body[1] & 0x7F if body[1] & 0x80 else 0) :]  # without its own tag [4]
    authenticator["cksum"] = noValue
    authenticator["cksum"]["cksumtype"] = CHECKSUMS[cipher.enctype]
    authenticator["cksum"]["checksum"] = crypto.make_checksum(CHECKSUMS[cipher.enctype], session_key, 6, body)
    ap_req["authenticator"]["cipher"] = cipher.encrypt(session_key, 7, encoder.encode(authenticator), None)
    request["padata"][0]["padata-value"] = encoder.encode(ap_req)
    return send(encoder.encode(request), *ends)


kerberosv5.sendReceive = send_with_checksum
name, password, dc, *spns = sys.argv[1:]
domain, user = name.split("/")
principal = Principal(user, type=constants.PrincipalNameType.NT_PRINCIPAL.value)
tgt, cipher, _, session_key = kerberosv5.getKerberosTGT(principal, password, domain, b"", b"", b"", dc)
for spn in spns:
    service = Principal(spn, type=constants.PrincipalNameType.NT_SRV_INST.value)
    answer, *_ = kerberosv5.getKerberosTGS(service, domain, dc, tgt, cipher, session_key)
    ticket = decoder.decode(answer, asn1Spec=asn1.TGS_REP())[0]["ticket"]["enc-part"]
    print(spn, int(ticket["etype"]), hexlify(bytes(ticket["cipher"]))[:8].decode())

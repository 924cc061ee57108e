"""Samba's ntlm_auth as a library of the emulated servers: it writes challenges and has the domain controller check answers."""
import base64
import subprocess


class Helper:
    """One authentication. protocol: squid-2.5-ntlmssp (bare NTLMSSP) or gss-spnego (SPNEGO, Kerberos or NTLM)."""

    def __init__(self, protocol):
        self.process = subprocess.Popen(
            ["ntlm_auth", f"--helper-protocol={protocol}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.first = True

    def step(self, token):
        """(state, token or None): state 'more', 'accepted' or 'refused'."""
        self.process.stdin.write(f"{'YR' if self.first else 'KK'} {base64.b64encode(token).decode()}\n")
        self.first = False
        verb, *words = self.process.stdout.readline().split()
        state = {"TT": "more", "AF": "accepted"}.get(verb, "refused")
        answer = words[0] if words and words[0] != "*" else None
        try:
            # accepted: squid-2.5-ntlmssp names the user there, gss-spnego a token
            return state, base64.b64decode(answer, validate=True) if answer and (state == "more" or len(words) > 1) else None
        except ValueError:
            return state, None

    def close(self):
        self.process.stdin.close()
        self.process.wait()

#!/usr/bin/python3
"""GET with requests-ntlm, which sends the channel bindings of TLS: http-requests-ntlm.py URL 'DOMAIN\\user' PASSWORD"""
import sys
import warnings

import requests
from requests_ntlm import HttpNtlmAuth

warnings.simplefilter("ignore")
url, user, password = sys.argv[1:]
sys.exit(0 if requests.get(url, auth=HttpNtlmAuth(user, password), verify=False).status_code == 200 else 1)

"""The certificate that every simulated cluster shows. Nothing listens behind it and its key was thrown away."""

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIHiMIGVoAMCAQICAQEwBQYDK2VwMBoxGDAWBgNVBAMMD3NpbXVsYXRlZCBjbG91
ZDAgFw0yNjAxMDEwMDAwMDBaGA8yMDU2MDEwMTAwMDAwMFowGjEYMBYGA1UEAwwP
c2ltdWxhdGVkIGNsb3VkMCowBQYDK2VwAyEAywciFZ7Lpbl3puw4XPP0C8hPfH0l
YRnNbADvxEU5KMMwBQYDK2VwA0EAbkE2s1YRghqWjWcraPya8fORgwi41YwNQhAX
ynVULFmPjuivsh9rc0toNO1RWddzrwwNpo75wk2XtYgGIKXwDQ==
-----END CERTIFICATE-----
"""

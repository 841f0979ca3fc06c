"""The certificate of every cluster of Nimbus. Nothing listens behind it, and its key was thrown away."""

import base64

CA_DATA = base64.b64encode(
    b"""\
-----BEGIN CERTIFICATE-----
MIHQMIGDoAMCAQICAQEwBQYDK2VwMBExDzANBgNVBAMMBm5pbWJ1czAgFw0yNjAx
MDEwMDAwMDBaGA8yMDU2MDEwMTAwMDAwMFowETEPMA0GA1UEAwwGbmltYnVzMCow
BQYDK2VwAyEAnvJuQ5HMJeDz6uR0Qacc/tW6rKRGKXmTkjqmycV5vjUwBQYDK2Vw
A0EAzF5sG0eIm9On7ADfDtpV6Sch0FD5397eZYGlGcv8JZKZNvlArstMLrlF6HI3
aGVy9JjgpuoP0Fhp1NSrDO2dAQ==
-----END CERTIFICATE-----
"""
).decode()

"""The name of a downloaded file."""

import pytest

from skyclust.kit.downloads import attachment


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("kubeconfig-one", "kubeconfig-one"),
        ("../../etc/passwd", "etc-passwd"),
        ('a"; filename="evil.exe', "a-filename-evil-exe"),
        ("a\r\nSet-Cookie: x=1", "a-Set-Cookie-x-1"),
        ("클러스터", "download"),
        ("", "download"),
        ("x" * 300, "x" * 100),
    ],
)
def test_a_name_stays_in_its_header_its_folder_and_its_kind(name, saved):
    assert attachment(name, "yaml") == {"Content-Disposition": f'attachment; filename="{saved}.yaml"'}

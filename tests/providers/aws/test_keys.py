"""AWS KMS as the keyring's key service, against moto's KMS over HTTP."""

import boto3
import pytest
from moto.server import ThreadedMotoServer

from skyclust.contract.keys import KeyServiceError, LockedKey, LocksKeys
from skyclust.credentials.keyring_files import lock_keys, read_file
from skyclust.credentials.keyring_opening import FileKeyring, finder
from skyclust.providers.aws import provider

REGION = "eu-central-1"
CONTEXT = {"purpose": "test", "id": "1"}
SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """The identity that the server's machine has."""
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIAMACHINE", "AWS_SECRET_ACCESS_KEY": "machine-secret"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def kms(endpoint):
    client = boto3.client("kms", region_name=REGION, endpoint_url=endpoint)
    yield client
    client.close()


@pytest.fixture
def aws(endpoint):
    return provider({"SKYCLUST_AWS_KMS_ENDPOINT": endpoint, "AWS_REGION": REGION})


def new_key(kms, alias=""):
    key = kms.create_key()["KeyMetadata"]["Arn"]
    if alias:
        kms.create_alias(AliasName=alias, TargetKeyId=key)
    return key


def test_what_kms_locked_opens_with_its_context_only(aws, kms):
    arn = new_key(kms)
    service = aws.key_service(arn)
    locked = service.lock(SECRET, CONTEXT)
    assert isinstance(aws, LocksKeys)
    assert (locked.locked_by, SECRET in locked.ciphertext) == (arn, False)
    assert service.unlock(locked, CONTEXT) == SECRET
    with pytest.raises(KeyServiceError, match="InvalidCiphertext"):
        service.unlock(locked, CONTEXT | {"id": "2"})


def test_an_alias_that_moves_to_another_key_opens_what_is_older(aws, kms):
    old = new_key(kms, "alias/moving")
    service = aws.key_service("alias/moving")
    locked = service.lock(SECRET, CONTEXT)
    new = new_key(kms)
    kms.update_alias(AliasName="alias/moving", TargetKeyId=new)
    assert (locked.locked_by, service.lock(SECRET, CONTEXT).locked_by) == (old, new)
    assert service.unlock(locked, CONTEXT) == SECRET


def test_names_of_others_are_not_kms_keys_and_no_key_shows(aws, kms):
    others = ("vault/one", "arn:aws:iam::123456789012:role/x", "projects/p/locations/l", "alias/", "http://evil")
    assert [aws.key_service(name) for name in others] == [None] * 5
    service = aws.key_service(new_key(kms))
    assert "machine-secret" not in repr(service)
    assert SECRET.hex() not in repr(service.lock(SECRET, CONTEXT))


def test_a_key_that_is_not_there_and_a_kms_that_is_away_are_told_with_the_key(aws):
    arn = f"arn:aws:kms:{REGION}:123456789012:key/00000000-0000-0000-0000-000000000000"
    with pytest.raises(KeyServiceError, match=rf"{arn}: NotFoundException"):
        aws.key_service(arn).lock(SECRET, CONTEXT)
    away = provider({"SKYCLUST_AWS_KMS_ENDPOINT": "http://127.0.0.1:9"})
    with pytest.raises(KeyServiceError, match=rf"{arn}: EndpointConnectionError"):
        away.key_service(arn).unlock(LockedKey(arn, b"x"), CONTEXT)
    with pytest.raises(KeyServiceError, match="Set AWS_REGION"):
        provider({}).key_service("alias/x").lock(SECRET, CONTEXT)


def test_a_keyring_is_locked_by_kms_opened_again_and_moved_to_another_region(aws, kms, endpoint, tmp_path):
    path, find = tmp_path / "keyring.json", finder([aws])
    first = FileKeyring(path, aws.key_service(new_key(kms)), find)
    elsewhere = boto3.client("kms", region_name="us-west-2", endpoint_url=endpoint)
    target = new_key(elsewhere)
    elsewhere.close()
    lock_keys(path, aws.key_service(target), find)
    again = FileKeyring(path, aws.key_service(target), find)
    assert {locked.locked_by for locked in read_file(path).locked.values()} == {target}
    assert again.derived(first.active_id, "x") == first.derived(first.active_id, "x")

"""The parts every simulated cloud stands on."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest

from skyclust.sandbox.kernel import CertificateAuthority, FaultRule, Faults, Latencies, Mode, SandboxClock, Store
from skyclust.sandbox.kernel.faults import parse_rule

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_clock_runs_faster_and_can_jump():
    real = [100.0]
    clock = SandboxClock(60, EPOCH, lambda: real[0])
    real[0] += 2
    assert clock.now() == EPOCH + timedelta(seconds=120)
    clock.advance(30)
    assert clock.after(10) == EPOCH + timedelta(seconds=160)


def test_a_clock_that_stands_still_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        SandboxClock(0)


def test_latencies_are_stable_by_seed_name_and_resource_and_lie_around_the_median():
    one = Latencies(7)
    assert one.sample("aws.cluster.create", "a") == Latencies(7).sample("aws.cluster.create", "a")
    assert one.sample("aws.cluster.create", "a") != one.sample("aws.cluster.create", "b")
    drawn = sorted(one.sample("aws.cluster.create", str(n)) for n in range(400))
    assert 590 < drawn[200] < 645
    assert drawn[0] > 300


def test_the_store_keeps_what_was_put_across_openings(tmp_path):
    store = Store(tmp_path / "s")
    store.put("a.b", "k2", {"n": 2})
    store.put("a.b", "k1", {"n": 1})
    store.put("a.c", "k1", {"n": 3})
    again = Store(tmp_path / "s")
    assert list(again.list("a.b").items()) == [("k1", {"n": 1}), ("k2", {"n": 2})]
    again.delete("a.b", "k1")
    assert store.get("a.b", "k1") is None
    again.clear("a.")
    assert store.list("a.c") == {}
    store.close()
    again.close()


def test_a_failed_transaction_leaves_nothing(tmp_path):
    store = Store(tmp_path / "s")

    def fail_half_way() -> None:
        with store.transaction():
            store.put("c", "k", {})
            with store.transaction():
                store.put("c", "l", {})
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    assert store.list("c") == {}
    store.close()


def test_a_rule_applies_after_some_calls_and_so_many_times():
    faults = Faults()
    faults.add(FaultRule("aws", "Create*", Mode.THROTTLE, times=2, after_calls=1))
    seen = [faults.decide("aws", "CreateVpc") is not None for _ in range(5)]
    assert seen == [False, True, True, False, False]
    assert faults.decide("gcp", "CreateVpc") is None
    assert faults.decide("aws", "DeleteVpc") is None


def test_a_call_with_two_names_counts_once():
    faults = Faults()
    faults.add(FaultRule("aws", "*", Mode.THROTTLE, times=1, after_calls=1))
    seen = [faults.decide("aws", "CreateVpc", alias="ec2.CreateVpc") is not None for _ in range(3)]
    assert seen == [False, True, False]


def test_rules_for_several_calls_of_one_operation_do_not_hide_calls_from_each_other():
    faults = Faults()
    for number in (1, 3):
        faults.add(FaultRule("aws", "CreateSubnet", Mode.LOST_REPLY, times=1, after_calls=number - 1))
    seen = [faults.decide("aws", "CreateSubnet") is not None for _ in range(4)]
    assert seen == [True, False, True, False]


def test_probability_follows_the_seed():
    def run() -> list[bool]:
        faults = Faults(3)
        faults.add(FaultRule(mode=Mode.ERROR_BEFORE, probability=0.5))
        return [faults.decide("aws", "x") is not None for _ in range(50)]

    assert run() == run()
    assert 10 < sum(run()) < 40


def test_lag_is_not_decided_but_asked_for():
    faults = Faults()
    faults.add(FaultRule("aws", "Describe*", Mode.LAG, params={"polls": 2}))
    assert faults.decide("aws", "DescribeVpcs") is None
    assert faults.lag("aws", "DescribeVpcs").params == {"polls": 2}
    assert faults.lag("aws", "CreateVpc") is None


@pytest.mark.parametrize("body", [{}, {"mode": "x"}, {"mode": "slow", "nope": 1}, {"mode": "slow", "params": []}])
def test_a_wrong_rule_is_refused(body):
    with pytest.raises(ValueError):
        parse_rule(body)


def test_the_authority_is_the_same_at_the_next_start_and_its_certificates_verify(tmp_path):
    first = CertificateAuthority(tmp_path)
    certificate, key = first.issue("kubernetes")
    again = CertificateAuthority(tmp_path)
    assert again.pem == first.pem
    assert again.issue("kubernetes") == (certificate, key)
    assert key.stat().st_mode & 0o077 == 0
    context = ssl.create_default_context(cadata=again.pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    shake_hands(context, server)


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (near, far):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert near.getpeercert()

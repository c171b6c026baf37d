"""The servers that tests stand on really run here, or say what is missing."""

from __future__ import annotations

import pytest


def test_postgresql_starts_crashes_and_starts_again(postgres_server) -> None:
    import psycopg

    with psycopg.connect(postgres_server.url, autocommit=True) as link:
        link.execute("create table seen (id int)")
    postgres_server.stop(mode="immediate")
    postgres_server.start_again()
    with psycopg.connect(postgres_server.url) as link:
        assert link.execute("select count(*) from seen").fetchone() == (0,)


@pytest.mark.slow
def test_two_buckets_stand_beside_each_other(seaweed, tmp_path) -> None:
    """As when tests run by two workers: a server must not want a port that another has."""
    from tests.seaweed import BUCKET, SeaweedServer

    other = SeaweedServer.start(tmp_path)
    try:
        for server in (seaweed, other):
            server.client.put_object(Bucket=BUCKET, Key="x", Body=server.url.encode())
        for server in (seaweed, other):
            kept = server.client.get_object(Bucket=BUCKET, Key="x")["Body"].read()
            assert kept == server.url.encode()
    finally:
        other.stop()


def test_chromium_shows_a_page_and_axe_finds_its_faults(page) -> None:
    from tests.accessibility import violations

    page.set_content("<html><body><img src='data:,'></body></html>")
    broken = {rule["id"] for rule in violations(page)}
    assert {"html-has-lang", "document-title", "image-alt"} <= broken


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_reaches_the_real_broker(broker) -> None:
    import redis

    from reviewhub.common.wake import wake

    wake("common.beat", queue="fast")
    with redis.Redis.from_url(broker.url) as link:
        assert link.llen("fast") == 1

#!/usr/bin/env python3
"""Compares ways of bringing a batch into winnow's tables; see decision 0020.

Each way stages the batch and then runs the same three inserts (keys, posts, entities) in one transaction:
  arrays    binary array parameters, unnest
  copy-temp binary COPY into a temporary table made for the transaction, ON COMMIT DROP
  copy-shared binary COPY into one unlogged table for all, rows marked with a token and deleted at the end

Needs: psycopg (pip install "psycopg[binary]"), a database migrated by `winnow migrate`, optionally a pooler in front of it.
Batches are made before the clock starts. One connection, one thread.
"""
import argparse
import random
import statistics
import string
import time
import uuid

import psycopg

KEYS = """INSERT INTO winnow.post_keys (post_id, partition_time, platform, key, state, version, version_scope, account)
SELECT id, now(), 'bluesky', key, 'live', version, 'rev', author FROM {posts} ORDER BY key COLLATE "C"
ON CONFLICT DO NOTHING"""
POSTS = """INSERT INTO winnow.posts (post_id, partition_time, received_at, source_offset, source_partition, model_id, kept_share,
    source_topic, platform, key, author, language, sentiment, topic, sentiment_scores, topic_scores, dropped, text)
SELECT id, now(), now(), id, 0, 1, 0.8, 'posts', 'bluesky', key, author, 'en', 'neutral', 'news', '{{0.1,0.8,0.1}}', '{{1}}', '{{0,4}}',
    text FROM {posts}"""
ENTITIES = """INSERT INTO winnow.entities (post_id, partition_time, start, length, score, type, name, normalized_name)
SELECT post, now(), 0, 4, 0.9, 'PER', name, name FROM {entities}"""
POST_COLUMNS = "id bigint, key text, version text, author text, text text"
ENTITY_COLUMNS = "post bigint, name text"


def make_batch(size, numbers):
    posts, entities = [], []
    for _ in range(size):
        number = next(numbers)
        author = f"did:plc:author{random.randrange(200_000)}"
        tail = "".join(random.choices(string.ascii_lowercase, k=8))
        text = " ".join(random.choices(["harbour", "market", "rain", "tonight", "match", "coffee", "train"], k=20))
        posts.append((number, f"at://{author}/app.bsky.feed.post/{tail}{number}", f"3m{number}", author, text))
        entities += [(number, f"name {random.randrange(5_000)}") for _ in range(2)]
    return posts, entities


def arrays(connection, posts, entities):
    columns = [list(column) for column in zip(*posts)]
    source = "unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[]) AS p(id, key, version, author, text)"
    mentions = "unnest(%b::bigint[], %b::text[]) AS e(post, name)"
    with connection.transaction():
        connection.execute(KEYS.format(posts=source), columns)
        connection.execute(POSTS.format(posts=source), columns)
        connection.execute(ENTITIES.format(entities=mentions), [list(column) for column in zip(*entities)])


def copy_rows(cursor, statement, types, rows):
    with cursor.copy(statement + " FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def copy_temp(connection, posts, entities):
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE staged ({POST_COLUMNS}) ON COMMIT DROP")
        cursor.execute(f"CREATE TEMPORARY TABLE mentions ({ENTITY_COLUMNS}) ON COMMIT DROP")
        copy_rows(cursor, "COPY staged", ["int8", "text", "text", "text", "text"], posts)
        copy_rows(cursor, "COPY mentions", ["int8", "text"], entities)
        for statement in (KEYS, POSTS, ENTITIES):
            cursor.execute(statement.format(posts="staged", entities="mentions"))


def copy_shared(connection, posts, entities):
    token = uuid.uuid4()
    with connection.transaction(), connection.cursor() as cursor:
        copy_rows(cursor, "COPY staging.posts", ["uuid", "int8", "text", "text", "text", "text"], [(token, *row) for row in posts])
        copy_rows(cursor, "COPY staging.mentions", ["uuid", "int8", "text"], [(token, *row) for row in entities])
        where = f" WHERE token = '{token}'"
        cursor.execute(KEYS.format(posts="staging.posts" + where))
        cursor.execute(POSTS.format(posts="staging.posts" + where))
        cursor.execute(ENTITIES.format(entities="staging.mentions" + where))
        cursor.execute("DELETE FROM staging.posts" + where)
        cursor.execute("DELETE FROM staging.mentions" + where)


def catalogue_bytes(connection):
    sql = "SELECT pg_total_relation_size('pg_class') + pg_total_relation_size('pg_attribute') + pg_total_relation_size('pg_type')"
    return connection.execute(sql).fetchone()[0]


def prepare(connection):
    """The table that copy-shared needs, and the partition of today."""
    connection.execute(f"""CREATE SCHEMA IF NOT EXISTS staging;
        CREATE UNLOGGED TABLE IF NOT EXISTS staging.posts (token uuid, {POST_COLUMNS});
        CREATE UNLOGGED TABLE IF NOT EXISTS staging.mentions (token uuid, {ENTITY_COLUMNS});
        SELECT winnow.make_partitions(1)""")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="connection string, straight to the server")
    parser.add_argument("--pooler", help="connection string of a pooler in transaction mode")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3, help="the ways take turns this often; the median counts")
    parser.add_argument("--batches", type=int, nargs="+", default=[50, 500, 2000])
    options = parser.parse_args()
    random.seed(1)
    direct = psycopg.connect(options.url, autocommit=True, prepare_threshold=None)
    prepare(direct)
    numbers = iter(range(time.time_ns() // 1000, 1 << 62))
    routes = {"direct": options.url} | ({"pooler": options.pooler} if options.pooler else {})
    ways = {"arrays": arrays, "copy-temp": copy_temp, "copy-shared": copy_shared}
    print("route   batch  way          posts/s (median, slowest, fastest)   catalogue growth, bytes per 1,000 batches")
    for route, url in routes.items():
        connection = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        for size in options.batches:
            rates = {name: [] for name in ways}
            growth = {name: [] for name in ways}
            for _ in range(options.rounds):
                for name, way in ways.items():
                    before, done, elapsed = catalogue_bytes(direct), 0, 0.0
                    while elapsed < options.seconds:
                        posts, entities = make_batch(size, numbers)
                        start = time.perf_counter()
                        way(connection, posts, entities)
                        elapsed += time.perf_counter() - start
                        done += 1
                    rates[name].append(done * size / elapsed)
                    growth[name].append((catalogue_bytes(direct) - before) / done * 1000)
            for name in ways:
                middle = statistics.median(rates[name])
                print(f"{route:7} {size:5}  {name:12} {middle:7.0f} {min(rates[name]):7.0f} {max(rates[name]):7.0f}"
                      f"   {statistics.median(growth[name]):12.0f}", flush=True)
        connection.close()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Does a way of writing wear out the system catalogue? One way, at a steady rate, for minutes; one line a minute.

The rate is fixed so that ways can be compared on a machine that is busy with other things: the catalogue counts batches, not
seconds. Autovacuum works as the server is set. Needs what compare.py needs.
    python3 growth.py postgresql://…/scratch --way copy-temp --rate 10 --batch 50 --minutes 10
"""
import argparse
import random
import time

import psycopg

from compare import arrays, catalogue_bytes, copy_shared, copy_temp, make_batch, prepare

WAYS = {"arrays": arrays, "copy-temp": copy_temp, "copy-shared": copy_shared}
DEAD = """SELECT coalesce(sum(n_dead_tup), 0), coalesce(sum(autovacuum_count), 0) FROM pg_stat_sys_tables
WHERE schemaname = 'pg_catalog'"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="connection string of a migrated database of its own")
    parser.add_argument("--way", choices=WAYS, required=True)
    parser.add_argument("--rate", type=float, default=10, help="batches a second")
    parser.add_argument("--batch", type=int, default=50, help="posts in a batch")
    parser.add_argument("--minutes", type=int, default=10)
    options = parser.parse_args()
    random.seed(1)
    watcher = psycopg.connect(options.url, autocommit=True, prepare_threshold=None)
    prepare(watcher)
    writer = psycopg.connect(options.url, autocommit=True, prepare_threshold=None)
    numbers = iter(range(time.time_ns() // 1000, 1 << 62))
    first, begin, done = catalogue_bytes(watcher), time.monotonic(), 0
    print(f"{options.way}: catalogue {first / 1e6:.1f} MB before\nminute  batches  catalogue MB  grown MB  dead rows  autovacuums")
    for minute in range(1, options.minutes + 1):
        while time.monotonic() - begin < minute * 60:
            posts, entities = make_batch(options.batch, numbers)
            due = begin + done / options.rate
            time.sleep(max(0, due - time.monotonic()))
            WAYS[options.way](writer, posts, entities)
            done += 1
        size, (dead, vacuums) = catalogue_bytes(watcher), watcher.execute(DEAD).fetchone()
        print(f"{minute:6}  {done:7}  {size / 1e6:12.1f}  {(size - first) / 1e6:8.1f}  {dead:9}  {vacuums:11}", flush=True)


if __name__ == "__main__":
    main()
